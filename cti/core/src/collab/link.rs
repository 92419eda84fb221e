//! A link that an agent gives to a customer who has no page of ours: whoever opens it first comes into the session by
//! it, as if they had read out a code.

use std::collections::BTreeMap;

use ngcc_proto::collab::{Answer, Kind, LinkToken, Why};
use ngcc_proto::seat::Told;
use ngcc_proto::{CollabId, Mono, Rng, SeatId, SessionId, UserUri, Wall};

use super::Collab;
use super::code::GOOD;
use crate::Cti;
use crate::seat::command::Done;

/// The most links at once.
const MAX_LINKS: usize = 1000;
/// The most of them into one session.
const MAX_OF_SESSION: usize = 8;

/// Links that are good now, or were followed not long ago. They are kept in memory only: after a restart an agent makes
/// another.
#[derive(Debug, Default)]
pub(crate) struct Links(BTreeMap<LinkToken, Link>);

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) session: SessionId,
    pub(crate) kind: Kind,
    pub(crate) form: Option<String>,
    until: Mono,
    /// Who has followed it: to them alone it leads still.
    user: Option<UserUri>,
}

impl Links {
    /// A link into the session to share that, the same while it is good and nobody has followed it; none while too many
    /// are.
    fn give(
        &mut self,
        session: SessionId,
        kind: Kind,
        form: Option<String>,
        rng: &mut Rng,
        now: Mono,
    ) -> Option<(LinkToken, Mono)> {
        self.0.retain(|_, link| link.until > now);
        let same = |link: &Link| {
            (link.session, link.kind, &link.form) == (session, kind, &form) && link.user.is_none()
        };
        if let Some((token, link)) = self.0.iter().find(|(_, link)| same(link)) {
            return Some((token.clone(), link.until));
        }
        let of_session = self.0.values().filter(|link| link.session == session).count();
        if self.0.len() >= MAX_LINKS || of_session >= MAX_OF_SESSION {
            return None;
        }
        let (token, until) = (LinkToken::of(rng.u128()), now + GOOD);
        self.0.insert(token.clone(), Link { session, kind, form, until, user: None });
        Some((token, until))
    }

    /// Where the link leads the user, and whether they follow it for the first time: the first who does, and them
    /// alone. None: nowhere.
    fn follow(&mut self, token: &LinkToken, user: &UserUri, now: Mono) -> Option<(Link, bool)> {
        self.0.retain(|_, link| link.until > now);
        let link = self.0.get_mut(token)?;
        let first = link.user.is_none();
        if link.user.get_or_insert_with(|| user.clone()) != user {
            return None;
        }
        Some((link.clone(), first))
    }

    /// It led nowhere at this moment: it may be followed again.
    fn free(&mut self, token: &LinkToken) {
        if let Some(link) = self.0.get_mut(token) {
            link.user = None;
        }
    }
}

impl Cti {
    /// An agent makes a link into a session of theirs.
    pub(crate) fn agent_makes_link(
        &mut self,
        seat: SeatId,
        id: SessionId,
        kind: Kind,
        form: Option<String>,
    ) -> Done {
        self.can_share(kind, form.as_deref())?;
        if kind == Kind::Cobrowse {
            return Err("a link's own page has nothing on it to be seen: ask for the code of theirs");
        }
        self.own_contact(seat, id)?;
        let now = self.step.now;
        let (token, until) = self
            .links
            .give(id, kind, form, self.ids.rng(), now.mono)
            .ok_or("too many links at once: use one of those you have made")?;
        let left = i64::try_from(until.ms_since(now.mono)).unwrap_or(0);
        let until = Wall(now.wall.0.saturating_add(left));
        self.tell_seat(id, seat, Told::Link { session: id, kind, token, until });
        Ok(())
    }

    /// A user has opened a link.
    pub(super) fn followed(&mut self, user: &UserUri, token: &LinkToken) {
        if let Err(why) = self.follow(user, token) {
            self.tell(None, Answer::Refused { user: user.clone(), collab: None, why });
        }
    }

    fn follow(&mut self, user: &UserUri, token: &LinkToken) -> Result<(), Why> {
        let (link, first) = self.links.follow(token, user, self.step.now.mono).ok_or(Why::Expired)?;
        let Link { session, kind, form, .. } = link;
        let same = |shared: &Collab| (shared.kind, shared.at(), &shared.form) == (kind, user, &form);
        let stands = self.sessions.get(&session).is_some_and(|session| session.shared.iter().any(same));
        // A page that is loaded again comes back to what stands; what has ended is not begun again by it.
        if !first && !stands {
            return Err(Why::Expired);
        }
        let collab: CollabId = self.ids.mint(self.step.now.wall);
        let asked = self.asked_by_agent(session, collab, kind, user.clone(), form);
        let done = self.ask_to_share(session, asked);
        if done.is_err() && first {
            self.links.free(token);
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserUri {
        UserUri::Web(name.to_owned())
    }

    #[test]
    fn a_link_leads_the_first_who_follows_it_and_nobody_for_longer_than_ten_minutes() {
        let (mut links, mut rng) = (Links::default(), Rng::from_u64(1));
        let mut give =
            |links: &mut Links, now| links.give(SessionId(1), Kind::File, None, &mut rng, now).unwrap();
        let (token, until) = give(&mut links, Mono(0));
        assert_eq!(give(&mut links, Mono(1)), (token.clone(), until), "the same one");
        let (led, first) = links.follow(&token, &user("v1"), Mono(2)).unwrap();
        assert_eq!((led.session, led.kind, first), (SessionId(1), Kind::File, true));
        assert_eq!(links.follow(&token, &user("v2"), Mono(3)), None, "once");
        assert!(
            links.follow(&token, &user("v1"), Mono(4)).is_some_and(|(_, first)| !first),
            "a page loaded again"
        );
        assert_ne!(give(&mut links, Mono(5)).0, token, "another for the next");
        assert_eq!(links.follow(&token, &user("v1"), until), None, "too old");
        assert_eq!(links.follow(&LinkToken::of(7), &user("v1"), Mono(6)), None, "unknown");
    }

    #[test]
    fn a_session_has_only_so_many() {
        let (mut links, mut rng) = (Links::default(), Rng::from_u64(1));
        let mut give =
            |n: usize, now| links.give(SessionId(1), Kind::Form, Some(n.to_string()), &mut rng, now);
        assert!((0..MAX_OF_SESSION).all(|n| give(n, Mono(0)).is_some()));
        assert!(give(MAX_OF_SESSION, Mono(1)).is_none());
        assert!(give(MAX_OF_SESSION, Mono(0) + GOOD).is_some(), "when the others are too old");
    }
}
