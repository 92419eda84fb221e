//! Letters of ours that come back (RFC 3464): the one that was not delivered is known by its id.

use mail_parser::{Message, MessageParser, MimeHeaders};

use super::super::adapter::{Brought, What};
use super::guard::Why;
use super::read::{Account, Found};

/// Whether it is a report.
pub(super) fn is(letter: &Message<'_>) -> bool {
    letter.is_content_type("multipart", "report")
}

/// Reads a report: which letter of ours has not been delivered.
pub(super) fn read(letter: &Message<'_>, account: &Account) -> Found {
    // One that is only late may still come, and reports of reading say nothing.
    let status = letter.parts.iter().find(|part| part.is_content_type("message", "delivery-status"));
    let failed = status.is_some_and(|status| {
        let text = String::from_utf8_lossy(status.contents()).to_ascii_lowercase();
        text.lines().any(|line| line.strip_prefix("action:").is_some_and(|action| action.trim() == "failed"))
    });
    let original = letter.parts.iter().find_map(|part| match part.message() {
        Some(original) => original.message_id().map(str::to_owned),
        None if part.is_content_type("text", "rfc822-headers") => {
            let headers = MessageParser::default().parse_headers(part.contents())?;
            headers.message_id().map(str::to_owned)
        }
        None => None,
    });
    let ours = original.filter(|_| failed).and_then(|id| Some((account.marks.ours(&id)?, id)));
    let Some((ours, id)) = ours else { return Found::Nothing(Why::Automatic) };
    let what = What::Returned { session: ours.session, seq: ours.seq };
    let one =
        Brought { from: account.address.clone(), name: None, id, reply: None, thread: Some(ours.mark), what };
    Found::Brought { from: None, brought: vec![one] }
}
