//! What waits to be sent to a person, and what of it goes next.

use std::collections::VecDeque;

use ngcc_proto::SessionId;
use ngcc_proto::chat::Text;
use serde::{Deserialize, Serialize};

use super::io::Piece;
use super::rule::Rule;

/// One thing that waits, with its number.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) n: u64,
    /// The number of the message it is of.
    #[serde(default)]
    pub(super) seq: u64,
    /// The session of that message.
    #[serde(default)]
    pub(super) session: Option<SessionId>,
    /// Whether automation says it.
    #[serde(default)]
    pub(super) automatic: bool,
    pub(super) piece: Piece,
}

/// The next piece, and its last number. Where sends are counted, texts that wait go as one; but what was `tried` goes
/// again as it was: a provider that has taken it already knows it by its number.
pub(super) fn next(outbox: &VecDeque<Item>, tried: Option<u64>, rule: &Rule) -> Option<(u64, Piece)> {
    let mut waiting = outbox.iter();
    let first = waiting.next()?;
    let Piece::Text(text) = &first.piece else { return Some((first.n, first.piece.clone())) };
    let (mut n, mut all) = (first.n, text.0.clone());
    if rule.message.is_some() {
        for item in waiting {
            let Piece::Text(text) = &item.piece else { break };
            if tried == Some(n) || all.len() + 1 + text.0.len() > rule.text {
                break;
            }
            n = item.n;
            all.push('\n');
            all.push_str(&text.0);
        }
    }
    Some((n, Piece::Text(Text(all))))
}
