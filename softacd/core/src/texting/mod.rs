//! SIP MESSAGE (RFC 3428): whoever writes by it has a session as on a messaging channel, without one being configured.
//! A MESSAGE is answered 202 when its text is on disk. What is written to its sender goes out as a MESSAGE, to where
//! their phone is registered, or else the way theirs came; the same text is the same request again after a restart.

mod read;

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};

use bytes::Bytes;
use ngcc_proto::access::Caller;
use ngcc_proto::{Mono, UserUri};
use serde::{Deserialize, Serialize};

use crate::access::Access;
use crate::arrival::{dialled, user};
use crate::channel::{Outcome, Piece, Post, SIP, Texted};
use crate::clean;
use crate::deny::Deny;
use crate::edge::Edge;
use crate::hop::Hop;
use crate::incoming::Incoming;
use crate::io::Output;
use crate::sip::{Host, Uri};
use crate::transaction::TxKey;
use crate::transaction::asked::Asked;
use read::Said;

/// Tickets from here on are of ours; a shell counts its own from 1.
const OURS: u64 = 1 << 63;
/// What stands for an attempt where that is none of a text.
const STATE: u32 = u32::MAX;
/// The most MESSAGEs that wait for the disk at once.
const MOST: usize = 10_000;

/// The way back to somebody who writes by MESSAGE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Way {
    /// Who they are.
    pub(crate) user: UserUri,
    /// The phone of ours by which they have proved it.
    phone: Option<String>,
    /// Their address.
    uri: String,
    hop: Hop,
    /// Whom they write to; it is who answers.
    pub(crate) dialled: String,
    /// Whether they read Chinese.
    pub(crate) zh: bool,
    /// Whether their phone shows that somebody writes (RFC 3994): it says so, or has said that they do.
    #[serde(default)]
    pub(crate) composes: bool,
}

/// MESSAGEs under way, in and out.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// Those that wait for the disk, by ticket.
    storing: BTreeMap<u64, (TxKey, Asked)>,
    tickets: u64,
    /// What is to go out.
    posts: VecDeque<(Post, Way, u32)>,
    /// Who is to be shown that somebody writes, or does so no longer.
    states: VecDeque<(String, Way, bool)>,
    /// What is out, by the number of its transaction: to whom, and its number there.
    out: BTreeMap<u64, (String, u64)>,
}

impl Edge {
    /// What came in under `ticket` is on disk, or is not taken.
    pub(crate) fn taken(&mut self, ticket: u64, taken: bool) {
        let Some((key, mut asked)) = self.texts.storing.remove(&ticket) else {
            return self.emit(Output::ChannelAnswer { ticket, taken });
        };
        let deny = if taken { Deny::plain(202) } else { Deny::later(503, 10) };
        let bytes = asked.reply(deny.status, Some(key.0), &deny.lines, None);
        self.send(&mut asked.hop, bytes.clone());
        self.finish(key, asked.hop, bytes);
    }

    /// Something is to go to somebody by MESSAGE, for the `attempt`th time; `Channels::sent` is told.
    pub(crate) fn text_to(&mut self, post: Post, way: Way, attempt: u32) {
        self.texts.posts.push_back((post, way, attempt));
    }

    /// Somebody writes to `person`, or does so no longer.
    pub(crate) fn state_to(&mut self, person: &str, way: Way, on: bool) {
        self.texts.states.push_back((person.to_owned(), way, on));
    }
}

impl Access {
    /// Somebody writes by a MESSAGE that is acceptable in itself.
    pub(crate) fn texted(&mut self, incoming: &Incoming, at: Mono) -> Result<(), Deny> {
        if self.configured.is_none() {
            return Err(Deny::later(503, 1));
        }
        let headers = &incoming.request.headers;
        let from = headers.from().map_err(|_| Deny::plain(400))?;
        let caller = self.caller(incoming, &from)?;
        let said = read::said(headers, &incoming.request.body)?;
        let phone = if let Caller::Phone(name) = caller { Some(name) } else { None };
        let ip = incoming.source.peer().ip();
        // What nobody proves holds for its address alone: another one who says the same name is somebody else.
        let (user, person) = match &phone {
            Some(name) => (user(&from.uri), format!("phone {name}")),
            None => (UserUri::Sip(whole(&from.uri)), format!("{} {ip}", whole(&from.uri))),
        };
        if !self.channels.knows(&person) {
            let (now, limits) = (self.edge.now.mono, &self.edge.settings.limits);
            self.admission
                .admit(self.legs.len(), at, now, limits, self.edge.ids.rng())
                .map_err(|seconds| Deny::later(503, seconds))?;
        }
        let composes =
            headers.all("Accept").any(|kinds| kinds.to_ascii_lowercase().contains(read::COMPOSING));
        let way = Way {
            user,
            phone,
            uri: from.uri.as_str().to_owned(),
            hop: incoming.source,
            dialled: dialled(&incoming.request.uri),
            composes,
            zh: headers
                .all("Accept-Language")
                .next()
                .is_some_and(|lang| lang.to_ascii_lowercase().starts_with("zh")),
        };
        let name = from.display.as_deref().and_then(clean::name);
        let text = match said {
            Said::Text(text) => text,
            Said::Typing | Said::Nothing => {
                if said == Said::Typing {
                    self.channels.typing(&person, &mut self.edge);
                }
                incoming.done(&mut self.edge, 200, "", None);
                return Ok(());
            }
        };
        if self.edge.texts.storing.len() >= MOST {
            return Err(Deny::later(503, 10));
        }
        self.edge.texts.tickets += 1;
        let ticket = OURS | self.edge.texts.tickets;
        self.edge.texts.storing.insert(ticket, (incoming.key, incoming.asked.clone()));
        self.edge.served.store(incoming.key);
        let key = format!("{:016x}{:016x}", incoming.key.0, incoming.key.1);
        self.channels.texted(Texted { ticket, person, name, key, text, way }, &mut self.edge);
        Ok(())
    }

    /// Sends what is to go out.
    pub(crate) fn send_texts(&mut self) {
        while let Some((post, way, attempt)) = self.edge.texts.posts.pop_front() {
            let (to, n) = (post.to.clone(), post.n);
            if let Err(outcome) = self.send_text(post, &way, attempt) {
                self.channels.sent(SIP, &to, n, &outcome, &mut self.edge);
            }
        }
        while let Some((person, way, on)) = self.edge.texts.states.pop_front() {
            self.send_state(&person, &way, on);
        }
    }

    /// Shows whether somebody writes. What becomes of it matters to nobody.
    fn send_state(&mut self, person: &str, way: &Way, on: bool) {
        let (uri, hop) = self.way_to(way);
        let hop = self.edge.outward(hop);
        let number = number(person, self.edge.ids.rng().u64(), STATE);
        self.out_to((number, hop), (&uri, way), (read::COMPOSING, &read::state(on)));
    }

    fn send_text(&mut self, post: Post, way: &Way, attempt: u32) -> Result<(), Outcome> {
        // No phone takes a file by MESSAGE.
        let Piece::Text(text) = &post.piece else { return Err(Outcome::Refused) };
        let (uri, hop) = self.way_to(way);
        let hop = self.edge.outward(hop);
        let number = number(&post.to, post.n, attempt);
        self.edge.texts.out.insert(number, (post.to, post.n));
        self.out_to((number, hop), (&uri, way), ("text/plain;charset=UTF-8", &text.0));
        Ok(())
    }

    /// Sends a MESSAGE of ours.
    fn out_to(
        &mut self,
        (number, mut hop): (u64, Hop),
        (uri, way): (&str, &Way),
        (kind, body): (&str, &str),
    ) {
        let here = self.edge.advertised(hop).ip();
        let from = Uri::sip(Some(&way.dialled), Host::from(here), None);
        let mut out = format!("MESSAGE {uri} SIP/2.0\r\n");
        self.edge.via(&mut out, hop, number);
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "Max-Forwards: 70\r\nFrom: <{from}>;tag={number:016x}\r\nTo: <{}>\r\nCall-ID: {number:016x}@ngcc\r\n\
             CSeq: 1 MESSAGE\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            way.uri,
            body.len(),
        );
        self.edge.text(number, &mut hop, Bytes::from(out));
    }

    /// Where their phone is registered, the one they wrote by before others; else the way they came.
    fn way_to(&self, way: &Way) -> (String, Hop) {
        let bound = way.phone.as_deref().map(|phone| self.registrar.targets(phone)).unwrap_or_default();
        let mut known = bound.into_iter().filter_map(|(uri, hop)| Some((uri.as_str().to_owned(), hop?)));
        let first = known.next();
        let same = first.iter().cloned().chain(known).find(|(_, hop)| hop.peer() == way.hop.peer());
        same.or(first).unwrap_or_else(|| (way.uri.clone(), way.hop))
    }

    /// A MESSAGE of ours has been answered, or nothing came back.
    pub(crate) fn text_ended(&mut self, number: u64, status: Option<u16>) {
        let Some((to, n)) = self.edge.texts.out.remove(&number) else { return };
        let outcome = match status {
            Some(200..=299) => Outcome::Sent,
            None | Some(408 | 429 | 480 | 486 | 500..=599) => Outcome::Later,
            Some(_) => Outcome::Refused,
        };
        self.channels.sent(SIP, &to, n, &outcome, &mut self.edge);
    }
}

/// An address as it stands, without what belongs to one message only.
fn whole(uri: &Uri) -> String {
    let user = uri.user.as_deref().unwrap_or("anonymous");
    let plain = |c: &char| !c.is_control() && !c.is_whitespace();
    format!("{user}@{}", uri.host).chars().filter(plain).take(80).collect()
}

/// The transaction of one attempt: the same again after a restart.
fn number(person: &str, n: u64, attempt: u32) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(person.as_bytes());
    hasher.write_u64(n);
    hasher.write_u32(attempt);
    hasher.finish()
}
