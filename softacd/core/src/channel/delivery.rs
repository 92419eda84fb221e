//! How far what is written to a person has come: told to cti when it changes, for whoever writes.

use std::collections::VecDeque;

use ngcc_proto::chat::{self, Delivery, MAX_REFUSED};
use serde::{Deserialize, Serialize};

use super::io::Act;
use super::rule::Rule;
use super::talk::Talk;
use crate::edge::Edge;

/// So many failures in a row are told: one alone is over before anybody has read of it.
const STUCK: u32 = 2;

/// The numbers of messages that were refused, oldest first.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Refused(VecDeque<u64>);

impl Refused {
    pub(super) fn note(&mut self, messages: impl Iterator<Item = u64>) {
        for seq in messages {
            // What fails late stands before what was refused at once.
            if let Err(at) = self.0.binary_search(&seq) {
                self.0.insert(at, seq);
            }
        }
        let more = self.0.len().saturating_sub(MAX_REFUSED);
        self.0.drain(..more);
    }

    /// Another session begins, which counts anew.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Talk {
    /// What the provider took has not come to them after all: whoever wrote it sees that it was refused. `act` names it by
    /// the number of the send or, of the session that is, by its own.
    pub(super) fn comes_back(&mut self, act: &Act) {
        match *act {
            Act::Fails { n } => {
                self.refused.note(self.gone.iter().filter(|(of, _)| *of == n).map(|(_, seq)| *seq));
            }
            Act::Returned { session, seq } => {
                let is = self.leg.as_ref().is_some_and(|leg| leg.who.session == Some(session));
                self.refused.note(is.then_some(seq).into_iter());
            }
            Act::Says(_) | Act::Presses(_) | Act::Comes | Act::Goes => {}
        }
    }

    /// Tells how far this is, if cti has not been told so.
    pub(super) fn tells_delivery(&mut self, rule: &Rule, edge: &mut Edge) {
        let delivery = self.delivery(rule, edge);
        let Some(leg) = self.leg.as_mut().filter(|leg| leg.who.session.is_some()) else { return };
        if self.told.as_ref() == Some(&delivery) {
            return;
        }
        self.told = Some(delivery.clone());
        leg.who.tell(edge, chat::Event::Delivered { leg: leg.who.id, delivery });
    }

    fn delivery(&self, rule: &Rule, edge: &Edge) -> Delivery {
        let last = self.leg.as_ref().map_or(0, |leg| leg.up_to);
        let now = edge.now.wall;
        let (left, until) = self.window.as_ref().map_or((0, now), |window| (window.left(now), window.until));
        let sends = Some(left).filter(|left| rule.counts() || *left == 0);
        let window = rule.message.map(|_| chat::Window { sends, until });
        Delivery {
            // A message of several pieces is there when the last of them is.
            up_to: self.outbox.front().map_or(last, |item| item.seq.saturating_sub(1)),
            refused: self.refused.0.iter().copied().collect(),
            window,
            stuck: self.tries >= STUCK,
        }
    }
}
