//! What our letters are known by when they are answered or come back: a mark of the person they were for and a proof
//! that only this account can make. They stand in a letter's id and, if it is set so, in the address for answers or in
//! the subject. A new password ends older marks: those letters are known by their sender's address alone.

use hmac::{Hmac, KeyInit, Mac};
use ngcc_proto::SessionId;
use ngcc_softacd_core::channel::{MAX_REPLY, Post};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::super::adapter::hex;
use super::super::crypt::same;

/// Hex digits of the proof in an id, and in a tag, which people see.
const OF_ID: usize = 20;
const OF_TAG: usize = 10;
/// Hex digits of a mark.
const MARK: usize = 16;
/// The longest id of a letter that an answer names, and the longest subject, in bytes.
const MAX_ID: usize = 250;
const MAX_SUBJECT: usize = 400;
/// So many letters of a thread are named in an answer, besides the first.
const MOST_NAMED: usize = 6;

/// What is known of a letter of ours by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ours {
    pub(super) mark: u64,
    pub(super) session: SessionId,
    /// The number of the message it was of.
    pub(super) seq: u64,
}

/// Makes marks and knows them again.
pub(super) struct Marks {
    key: Vec<u8>,
    channel: String,
    /// The account's address, before and behind the `@`.
    local: String,
    domain: String,
}

impl Marks {
    pub(super) fn new(channel: &str, address: &str, password: &str) -> Self {
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, "localhost"));
        Self {
            key: password.as_bytes().to_vec(),
            channel: channel.to_owned(),
            local: local.to_lowercase(),
            domain: domain.to_lowercase(),
        }
    }

    /// The id of a letter, without its brackets: the same again when it is sent again.
    pub(super) fn id(&self, post: &Post) -> String {
        let session = post.session.map_or(0, |session| session.0);
        let what = format!("{:016x}.{session:032x}.{:x}.{:x}", post.mark, post.seq, post.n);
        format!("{what}.{}@{}", self.proof("id", &what, OF_ID), self.domain)
    }

    /// What an id of a letter of ours says, with or without its brackets; none if it is none of ours.
    pub(super) fn ours(&self, id: &str) -> Option<Ours> {
        let id = id.trim().trim_start_matches('<').trim_end_matches('>');
        let (name, domain) = id.rsplit_once('@')?;
        let (what, proof) = name.rsplit_once('.')?;
        let mut parts = what.split('.');
        let (mark, session, seq, _) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let plain = parts.next().is_none() && domain.eq_ignore_ascii_case(&self.domain);
        if !plain || !same(proof, &self.proof("id", what, OF_ID)) {
            return None;
        }
        Some(Ours {
            mark: u64::from_str_radix(mark, 16).ok()?,
            session: SessionId(u128::from_str_radix(session, 16).ok()?),
            seq: u64::from_str_radix(seq, 16).ok()?,
        })
    }

    /// The tag of a person's thread.
    pub(super) fn tag(&self, mark: u64) -> String {
        let mark = format!("{mark:016x}");
        format!("{mark}{}", self.proof("tag", &mark, OF_TAG))
    }

    /// The account's address with the tag in it.
    pub(super) fn tagged(&self, mark: u64) -> String {
        format!("{}+{}@{}", self.local, self.tag(mark), self.domain)
    }

    /// The mark in an address that a letter is to.
    pub(super) fn in_address(&self, to: &str) -> Option<u64> {
        let to = to.to_lowercase();
        let (local, domain) = to.rsplit_once('@')?;
        let tag = local.strip_prefix(&self.local)?.strip_prefix('+')?;
        self.mark(tag).filter(|_| domain == self.domain)
    }

    /// The mark in a subject.
    pub(super) fn in_subject(&self, subject: &str) -> Option<u64> {
        subject.split("[#").skip(1).find_map(|rest| self.mark(rest.split(']').next()?))
    }

    fn mark(&self, tag: &str) -> Option<u64> {
        let (mark, proof) = tag.split_at_checked(MARK)?;
        if !same(proof, &self.proof("tag", mark, OF_TAG)) {
            return None;
        }
        u64::from_str_radix(mark, 16).ok()
    }

    fn proof(&self, of: &str, what: &str, digits: usize) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(format!("ngcc letter {of} of {}\n{what}", self.channel).as_bytes());
        let mut proof = hex(&mac.finalize().into_bytes());
        proof.truncate(digits);
        proof
    }
}

/// What an answer to a letter names: the channel's `reply`, as JSON.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answered {
    /// The letter's id, without its brackets; empty: it has none that can be named.
    pub(super) id: String,
    /// Those of the thread before it, oldest first.
    pub(super) before: Vec<String>,
    pub(super) subject: String,
}

impl Answered {
    /// Of a letter, cut to what can be kept.
    pub(super) fn new(id: &str, before: &[String], subject: &str) -> Self {
        let nameable =
            |id: &str| !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(|b| b.is_ascii_graphic());
        let fine: Vec<&String> = before.iter().filter(|id| nameable(id)).collect();
        let latest = fine.len().saturating_sub(MOST_NAMED).max(1);
        let first = fine.first().copied().into_iter();
        let before = first.chain(fine.iter().skip(latest).copied()).cloned().collect();
        let id = if nameable(id) { id.to_owned() } else { String::new() };
        Self { id, before, subject: cut(subject, MAX_SUBJECT).to_owned() }
    }

    /// As the channel's `reply`: no longer than one may be.
    pub(super) fn into_reply(mut self) -> String {
        loop {
            // Strings only: writing them to memory cannot fail.
            let text = serde_json::to_string(&self).unwrap_or_default();
            if text.len() <= MAX_REPLY {
                return text;
            }
            if self.before.pop().is_none() {
                let half = cut(&self.subject, self.subject.len() / 2).to_owned();
                self.subject = half;
            }
        }
    }

    /// What a `reply` says.
    pub(super) fn of(reply: &str) -> Self {
        serde_json::from_str(reply).unwrap_or_default()
    }
}

/// The beginning of `text`, of at most `most` bytes.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use ngcc_proto::chat::Text;
    use ngcc_softacd_core::channel::Piece;

    use super::*;

    fn post() -> Post {
        Post {
            channel: "mail".into(),
            to: "ann@x.example".into(),
            n: 17,
            again: false,
            reply: None,
            mark: 0xfeed,
            session: Some(SessionId(0xabc)),
            seq: 5,
            automatic: false,
            piece: Piece::Text(Text("hello".into())),
        }
    }

    #[test]
    fn letters_of_ours_are_known_by_their_ids_and_others_are_not() {
        let marks = Marks::new("mail", "Support@Shop.example", "s3cret");
        let id = marks.id(&post());
        assert!(id.ends_with("@shop.example") && id.len() < 250, "{id}");
        let ours = Some(Ours { mark: 0xfeed, session: SessionId(0xabc), seq: 5 });
        assert_eq!(marks.ours(&id), ours);
        assert_eq!(marks.ours(&format!(" <{id}>")), ours);
        assert_eq!(marks.id(&post()), id, "the same letter has the same id");
        for forged in [
            id.replace("feed", "fee1"),
            id.replace("abc", "abd"),
            id.replace("shop.", "shop2."),
            "CAF=abc.def@mail.example".to_owned(),
            String::new(),
        ] {
            assert_eq!(marks.ours(&forged), None, "{forged}");
        }
        assert_eq!(Marks::new("mail", "support@shop.example", "other").ours(&id), None);
        assert_eq!(Marks::new("mail2", "support@shop.example", "s3cret").ours(&id), None);
    }

    #[test]
    fn tags_are_known_in_addresses_and_subjects() {
        let marks = Marks::new("mail", "support@shop.example", "s3cret");
        assert_eq!(marks.in_address(&marks.tagged(7).to_uppercase()), Some(7));
        assert_eq!(marks.in_address("support+0000000000000007aaaaaaaaaa@shop.example"), None);
        assert_eq!(marks.in_address("support@shop.example"), None);
        let subject = format!("AW: [list] Your order [#12] [#{}] again", marks.tag(9));
        assert_eq!(marks.in_subject(&subject), Some(9));
        assert_eq!(marks.in_subject("[#] [#ä…] [#0000000000000009"), None);
    }

    #[test]
    fn what_an_answer_names_fits_whatever_it_is_made_of() {
        let before: Vec<String> = (0..400).map(|n| format!("{n}@{}", "x".repeat(200))).collect();
        let answered = Answered::new("last@x.example", &before, &"\"\\你".repeat(1000));
        assert_eq!((answered.before.first(), answered.before.last()), (before.first(), before.last()));
        let reply = answered.clone().into_reply();
        assert!(reply.len() <= MAX_REPLY);
        let back = Answered::of(&reply);
        assert_eq!((back.id.as_str(), back.before.first()), ("last@x.example", before.first()));
        assert!(answered.subject.starts_with(&back.subject) && !back.subject.is_empty());
        assert!(Answered::new("a b", &["<>\r\n".to_owned()], "").into_reply().len() < 60);
        assert!(Answered::of("no JSON") == Answered::default());
    }
}
