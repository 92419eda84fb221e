//! A letter as it lies in the mailbox: who has written it, what they have written themselves, what they have attached,
//! and whom it belongs to. Nothing of it is believed, and everything is bounded.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use ngcc_proto::chat::MAX_TEXT;
use ngcc_proto::config::is_address;
use ngcc_softacd_core::channel::mark_of;
use sha2::{Digest, Sha256};

use super::super::adapter::{Brought, What, hex};
use super::guard::{Why, puts_aside};
use super::thread::{Answered, Marks, cut};
use super::{bounce, html, quote};

/// The most files that are taken of one letter.
const MOST_FILES: usize = 16;
/// The most headers of parts in one letter: the parser goes as deep as there are.
const MOST_PARTS: usize = 400;
/// The most letters before it that are looked at.
const MOST_BEFORE: usize = 100;
/// The longest list of the names of files that are not taken, in bytes.
const MAX_NAMES: usize = 300;

/// The account whose letters are read.
pub(super) struct Account {
    /// The channel.
    pub(super) channel: String,
    /// Its address, in lower case.
    pub(super) address: String,
    /// Whose findings about where letters come from are believed; empty: nobody's.
    pub(super) checked_by: String,
    pub(super) marks: Marks,
    pub(super) zh: bool,
}

/// What a letter is.
pub(super) enum Found {
    /// Something that somebody says, or a letter of ours that has come back.
    Brought {
        /// Whom it counts for; nobody, if it is a letter of ours.
        from: Option<String>,
        brought: Vec<Brought>,
    },
    /// Nothing for a session.
    Nothing(Why),
}

/// Reads a letter; of one that is larger than is taken, `raw` is the beginning, and `whole` is false.
pub(super) fn read(raw: &[u8], whole: bool, account: &Account) -> Found {
    let parts = count(raw, b"content-type");
    let parse = || {
        let parser = MessageParser::default();
        if parts > MOST_PARTS { parser.parse_headers(raw) } else { parser.parse(raw) }
    };
    // It promises never to panic; whatever anybody sends us, we would rather see than trust that.
    let Ok(Some(letter)) = catch_unwind(AssertUnwindSafe(parse)) else {
        return Found::Nothing(Why::Unreadable);
    };
    if bounce::is(&letter) {
        return bounce::read(&letter, account);
    }
    let sender = letter.from().and_then(|from| from.first());
    let from = sender.and_then(|from| from.address.as_deref()).unwrap_or_default().trim().to_lowercase();
    if let Some(why) = puts_aside(&letter, &account.checked_by) {
        return Found::Nothing(why);
    }
    let own_id = letter.message_id().is_some_and(|id| account.marks.ours(id).is_some());
    if from == account.address || own_id {
        return Found::Nothing(Why::Own);
    }
    if !is_address(&from) {
        return Found::Nothing(Why::Unreadable);
    }
    let name = sender.and_then(|from| from.name.as_deref()).map(|name| cut(name, MAX_NAMES).to_owned());
    let whats = says(&letter, (whole && parts <= MOST_PARTS, &from), account);
    Found::Brought { brought: brought(&letter, raw, (from.clone(), name), account, whats), from: Some(from) }
}

/// What it says, in order, as the channel's.
fn brought(
    letter: &Message<'_>,
    raw: &[u8],
    (from, name): (String, Option<String>),
    account: &Account,
    whats: Vec<What>,
) -> Vec<Brought> {
    // A letter that comes twice, by two addresses or after a crash, is the same.
    let id = letter.message_id().map_or_else(|| hex(&Sha256::digest(raw)), str::to_owned);
    let own = letter.message_id().unwrap_or_default();
    let reply = Answered::new(own, &before(letter), letter.subject().unwrap_or_default()).into_reply();
    let thread = thread(letter, account);
    let one = |(n, what): (usize, What)| Brought {
        from: from.clone(),
        name: name.clone(),
        id: format!("{id} {n}"),
        reply: Some(reply.clone()),
        thread,
        what,
    };
    whats.into_iter().enumerate().map(one).collect()
}

/// The ids of the letters before it, oldest first.
fn before(letter: &Message<'_>) -> Vec<String> {
    let ids = |value: &mail_parser::HeaderValue<'_>| -> Vec<String> {
        let list = value.as_text_list().map(|list| list.iter().map(|id| id.to_string()).collect());
        list.or_else(|| value.as_text().map(|id| vec![id.to_owned()])).unwrap_or_default()
    };
    let mut all = ids(letter.references());
    let answered = ids(letter.in_reply_to());
    all.retain(|id| !answered.contains(id));
    all.extend(answered);
    let more = all.len().saturating_sub(MOST_BEFORE);
    all.drain(..more);
    all
}

/// Whose thread it belongs to, if it proves that it does: by what it answers, else by whom it is to, else by its subject.
fn thread(letter: &Message<'_>, account: &Account) -> Option<u64> {
    let marks = &account.marks;
    let answered = before(letter).iter().rev().find_map(|id| marks.ours(id)).map(|ours| ours.mark);
    let to = || {
        let all = letter.all_to().chain(letter.all_cc());
        let lists = all.filter_map(|list| list.as_list()).flatten().take(MOST_BEFORE);
        lists.filter_map(|to| to.address.as_deref()).find_map(|to| marks.in_address(to))
    };
    answered.or_else(to).or_else(|| marks.in_subject(letter.subject().unwrap_or_default()))
}

/// What it says: a text, then its files.
fn says(letter: &Message<'_>, (whole, from): (bool, &str), account: &Account) -> Vec<What> {
    let subject = letter.subject().unwrap_or_default().trim();
    let answers = !before(letter).is_empty() || is_answer(subject);
    let written = written(letter);
    let written = if answers { quote::own(&written) } else { written.trim_end() };
    let written = written.trim_start_matches('\n');
    let thread = thread(letter, account);
    let mut text = String::new();
    // Whoever answers in another's thread is named: who it is from is not who it is.
    if thread.is_some_and(|mark| mark != mark_of(&account.channel, from)) {
        text.push_str(&format!("[{from}]\n"));
    }
    if thread.is_none() && !subject.is_empty() && !written.trim_start().starts_with(subject) {
        text.push_str(&plain(cut(subject, MAX_TEXT / 4)));
        text.push_str("\n\n");
    }
    text.push_str(written);
    let mut all = vec![];
    let short = cut(text.trim(), MAX_TEXT);
    if !short.is_empty() {
        all.push(What::Text(short.to_owned()));
    }
    if short.len() < text.trim().len() {
        // What does not fit into a message is there whole.
        let name = if account.zh { "邮件全文.txt" } else { "whole-message.txt" };
        all.push(What::File { name: name.to_owned(), bytes: text.clone().into_bytes() });
    }
    files(letter, whole, &mut all);
    if !whole && !all.iter().any(|what| matches!(what, What::Lost { .. })) {
        let name = if subject.is_empty() { "message" } else { cut(subject, MAX_NAMES) };
        all.push(What::Lost { name: format!("{name}.eml") });
    }
    if all.is_empty() {
        // They have written nothing; but they have come.
        all.push(What::Comes);
    }
    all
}

/// The text of a letter: its plain one, or else what its page shows.
fn written(letter: &Message<'_>) -> String {
    let mut text = String::new();
    for part in letter.text_bodies() {
        let one = match &part.body {
            PartType::Text(text) => plain(text),
            PartType::Html(page) => plain(&html::text(page)),
            PartType::Binary(_)
            | PartType::InlineBinary(_)
            | PartType::Message(_)
            | PartType::Multipart(_) => continue,
        };
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&one);
    }
    if !text.trim().is_empty() {
        return text;
    }
    // Some programs leave the plain one empty.
    let page = letter.html_bodies().find_map(|part| match &part.body {
        PartType::Html(page) => Some(plain(&html::text(page))),
        PartType::Text(_)
        | PartType::Binary(_)
        | PartType::InlineBinary(_)
        | PartType::Message(_)
        | PartType::Multipart(_) => None,
    });
    page.unwrap_or_default()
}

/// Its files; of one that did not come whole, their names.
fn files(letter: &Message<'_>, whole: bool, all: &mut Vec<What>) {
    let mut names = vec![];
    let mut taken = 0;
    for part in letter.attachments() {
        let bytes = part.contents();
        let name = name(part);
        if whole && taken < MOST_FILES {
            taken += 1;
            all.push(What::File { name, bytes: bytes.to_vec() });
        } else if names.len() < MOST_FILES {
            names.push(name);
        }
    }
    if !names.is_empty() {
        all.push(What::Lost { name: cut(&names.join(", "), MAX_NAMES).to_owned() });
    }
}

/// The name of a file; one that has none is called by what it is.
fn name(part: &mail_parser::MessagePart<'_>) -> String {
    if let Some(name) = part.attachment_name().map(str::trim).filter(|name| !name.is_empty()) {
        return cut(name, MAX_NAMES).to_owned();
    }
    if part.is_message() {
        return "message.eml".to_owned();
    }
    let kind = part.content_type();
    let word = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).take(16).collect::<String>();
    let main = kind.map(|kind| word(kind.ctype())).filter(|word| !word.is_empty());
    let sub = kind.and_then(|kind| kind.subtype()).map(word).filter(|word| !word.is_empty());
    format!("{}.{}", main.as_deref().unwrap_or("file"), sub.as_deref().unwrap_or("bin"))
}

/// A text without what no screen shows, its lines ended as ours are.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// Whether a subject says that it is an answer.
pub(super) fn is_answer(subject: &str) -> bool {
    let begin: String = subject.trim_start().chars().take(4).collect::<String>().to_lowercase();
    ["re:", "re：", "aw:", "回复:", "回复：", "答复:", "答复：", "回覆:", "回覆："]
        .iter()
        .any(|word| begin.starts_with(word))
}

/// How often `word`, in lower case, stands in `raw`, in any case.
fn count(raw: &[u8], word: &[u8]) -> usize {
    raw.windows(word.len())
        .filter(|part| part[0].to_ascii_lowercase() == word[0] && part.eq_ignore_ascii_case(word))
        .count()
}
