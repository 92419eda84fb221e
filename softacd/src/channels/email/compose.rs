//! A letter of ours: plain text in UTF-8, or a file, in the thread of what it answers.

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use ngcc_proto::Wall;
use ngcc_proto::config::MailMark;
use ngcc_softacd_core::channel::{Piece, Post};

use super::super::provider::Failed;
use super::read::is_answer;
use super::thread::{Answered, Marks};

/// The longest subject, in characters.
const MAX_SUBJECT: usize = 200;

/// Says that nobody has written a letter, so that programs do not answer it (RFC 3834).
#[derive(Clone)]
struct AutoReplied;

impl Header for AutoReplied {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-replied".to_owned())
    }
}

/// Who a letter is from.
pub(super) struct From<'a> {
    pub(super) address: &'a str,
    pub(super) display: &'a str,
    pub(super) marks: &'a Marks,
    pub(super) mark: MailMark,
    pub(super) zh: bool,
}

/// The letter for `post`; of a file, with its `bytes`.
pub(super) fn compose(from: &From<'_>, post: &Post, bytes: Vec<u8>, now: Wall) -> Result<Message, Failed> {
    let address = |text: &str| {
        text.parse::<Address>().map_err(|_| Failed::Never("it is no address that can be written to"))
    };
    let display = Some(from.display.to_owned()).filter(|display| !display.is_empty());
    let answered = post.reply.as_ref().map(|reply| Answered::of(&reply.0)).unwrap_or_default();
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    let mut builder = Message::builder()
        .from(Mailbox::new(display, address(from.address)?))
        .to(Mailbox::new(None, address(&post.to)?))
        .date(at)
        .message_id(Some(format!("<{}>", from.marks.id(post))))
        .subject(subject(from, post, &answered.subject));
    if !answered.id.is_empty() {
        let bracketed = |id: &String| format!("<{id}>");
        let all: Vec<String> = answered.before.iter().chain([&answered.id]).map(bracketed).collect();
        builder = builder.in_reply_to(bracketed(&answered.id)).references(all.join(" "));
    }
    if from.mark == MailMark::Address {
        builder = builder.reply_to(Mailbox::new(None, address(&from.marks.tagged(post.mark))?));
    }
    if post.automatic {
        builder = builder.header(AutoReplied);
    }
    let built = match &post.piece {
        Piece::Text(text) | Piece::Asks { text, .. } => builder.singlepart(SinglePart::plain(text.0.clone())),
        Piece::File { name, mime, .. } => {
            let kind = ContentType::parse(mime).or_else(|_| ContentType::parse("application/octet-stream"));
            let kind = kind.map_err(|_| Failed::Never("it has no media type"))?;
            let file = Attachment::new(name.clone()).body(bytes, kind);
            builder.multipart(MultiPart::mixed().singlepart(SinglePart::plain(name.clone())).singlepart(file))
        }
    };
    built.map_err(|_| Failed::Never("no letter can be made of it"))
}

/// `Re: ` and what was written about, with the thread's tag where that is wanted.
fn subject(from: &From<'_>, post: &Post, about: &str) -> String {
    let about: String = about.chars().filter(|c| !c.is_control()).take(MAX_SUBJECT).collect();
    let about = about.trim();
    let mut subject = match about {
        "" if from.zh => "Re: 您的来信".to_owned(),
        "" => "Re: your message".to_owned(),
        _ if is_answer(about) => about.to_owned(),
        _ => format!("Re: {about}"),
    };
    if from.mark == MailMark::Subject && from.marks.in_subject(&subject) != Some(post.mark) {
        subject.push_str(&format!(" [#{}]", from.marks.tag(post.mark)));
    }
    subject
}
