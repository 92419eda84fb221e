//! Transactions (RFC 3261 section 17 with RFC 6026): retransmission, matching and forgetting, each for
//! what we were asked and for what we asked. They know nothing of calls.

pub(crate) mod asked;
pub(crate) mod invite;
pub(crate) mod request;
pub(crate) mod served;

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The round trip assumed (RFC 3261 section 17.1.1.1).
pub(crate) const T1: Duration = Duration::from_millis(500);
/// The longest pause between retransmissions of a request that is no INVITE, and of a response.
pub(crate) const T2: Duration = Duration::from_secs(4);
/// 64·T1: how long a transaction may go unanswered, and how long a finished one is remembered.
pub(crate) const LIFE: Duration = Duration::from_secs(32);

/// What a server transaction is found by: 128 bits of hash over its Via branch, its sender, its Call-ID, its
/// From tag and its number. It is the same for an INVITE, its ACK and its CANCEL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct TxKey(pub(crate) u64, pub(crate) u64);

/// What every branch of ours begins with: RFC 3261's cookie.
const COOKIE: &str = "z9hG4bK";

/// The Via branch of our transaction number `n`.
pub(crate) fn branch(n: u64) -> String {
    format!("{COOKIE}{n:016x}")
}

/// The number of our transaction with that Via branch; `None` if it is none of ours.
pub(crate) fn number(branch: &str) -> Option<u64> {
    hex16(branch.strip_prefix(COOKIE)?)
}

/// Exactly 16 lower-case hexadecimal digits: how our branches and tags are written.
pub(crate) fn hex16(text: &str) -> Option<u64> {
    let ours = text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    ours.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}
