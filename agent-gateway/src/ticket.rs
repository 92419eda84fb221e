//! One-time tickets: what a page shows in the first frame of a WebSocket, since a cookie says only which browser
//! it is and not which page.

use std::collections::HashMap;
use std::time::Duration;

use ngcc_proto::Mono;
use ngcc_proto::auth::Grant;

use crate::token::Hash;

/// How long a ticket is good.
pub(crate) const LIFE: Duration = Duration::from_secs(30);
/// The most tickets that are out at once.
const MOST: usize = 20_000;

/// Who came in by it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Holder {
    /// Who, and what they may do.
    pub(crate) grant: Grant,
    /// The sign-in it was given to.
    pub(crate) sign_in: Hash,
    /// From where it was asked for, for the audit.
    pub(crate) from: String,
}

/// The tickets that are out, by their hash.
#[derive(Debug, Default)]
pub(crate) struct Tickets(HashMap<Hash, (Holder, Mono)>);

impl Tickets {
    /// Remembers a ticket; false when too many are out.
    pub(crate) fn give(&mut self, ticket: Hash, holder: Holder, now: Mono) -> bool {
        if self.0.len() >= MOST {
            self.0.retain(|_, (_, until)| *until > now);
        }
        if self.0.len() >= MOST {
            return false;
        }
        self.0.insert(ticket, (holder, now + LIFE));
        true
    }

    /// Takes a ticket; it is good once.
    pub(crate) fn take(&mut self, ticket: &Hash, now: Mono) -> Option<Holder> {
        let (holder, until) = self.0.remove(ticket)?;
        (until > now).then_some(holder)
    }

    /// Forgets what was given to a sign-in that is over.
    pub(crate) fn forget(&mut self, sign_in: &Hash) {
        self.0.retain(|_, (holder, _)| holder.sign_in != *sign_in);
    }
}

#[cfg(test)]
mod tests {
    use ngcc_proto::Wall;

    use super::*;
    use crate::token::hash;

    fn holder() -> Holder {
        let (user, display) = ("alice".to_owned(), "Alice".to_owned());
        let grant = Grant { user, display, roles: vec![], permissions: vec![], until: Wall(0) };
        Holder { grant, sign_in: hash("cookie"), from: String::new() }
    }

    #[test]
    fn a_ticket_is_good_once_and_for_thirty_seconds() {
        let (mut tickets, now) = (Tickets::default(), Mono(5));
        assert!(tickets.give(hash("a"), holder(), now));
        assert!(tickets.give(hash("b"), holder(), now));
        assert_eq!(tickets.take(&hash("c"), now), None);
        assert_eq!(tickets.take(&hash("a"), now), Some(holder()));
        assert_eq!(tickets.take(&hash("a"), now), None, "once");
        assert_eq!(tickets.take(&hash("b"), now + LIFE), None, "too late");
    }

    #[test]
    fn a_ticket_ends_with_the_sign_in_it_was_given_to() {
        let (mut tickets, now) = (Tickets::default(), Mono(5));
        tickets.give(hash("a"), holder(), now);
        tickets.forget(&hash("cookie"));
        assert_eq!(tickets.take(&hash("a"), now), None);
    }
}
