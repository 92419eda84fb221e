//! What each role is told of the configuration.

use ngcc_proto::AgentUri;
use ngcc_proto::config::{ForAccess, ForCti, ForIvr, Object, ObjectKind, Seat};

use super::book::Book;
use super::secrets;
use crate::Settings;

/// To cti.
pub(super) fn for_cti(book: &Book, settings: &Settings) -> ForCti {
    let mut told = ForCti { version: book.version, centre: settings.centre.clone(), ..ForCti::default() };
    for row in book.rows.values() {
        match &row.object {
            Object::Agent(agent) => {
                // A stored agent has passed the check: its name is a user name and its seat has been minted.
                let seat = book.ids.seat(&agent.name).zip(AgentUri::new(&agent.name).ok());
                told.seats.extend(seat.map(|(id, uri)| Seat { id, agent: uri, settings: agent.clone() }));
            }
            Object::Queue(queue) => {
                told.queues.extend(book.ids.queue(&queue.name).map(|id| (id, queue.clone())));
            }
            Object::Number(number) => told.numbers.push(number.clone()),
            Object::Phone(phone) => told.phones.push(phone.name.clone()),
            Object::Flow(flow) => told.flows.push(flow.name.clone()),
            Object::User(_) => {}
        }
    }
    told
}

/// To softacd.
pub(super) fn for_access(book: &Book, settings: &Settings) -> ForAccess {
    let phones = book.of(ObjectKind::Phone).filter_map(|(name, row)| {
        let Object::Phone(phone) = &row.object else { return None };
        Some(secrets::account(name, phone.contact.as_deref(), row.secret.as_deref()))
    });
    ForAccess { version: book.version, phones: phones.collect(), banned: settings.banned.clone() }
}

/// To ivr.
pub(super) fn for_ivr(book: &Book) -> ForIvr {
    let flows = book.of(ObjectKind::Flow).filter_map(|(_, row)| {
        let Object::Flow(flow) = &row.object else { return None };
        Some(flow.clone())
    });
    ForIvr { version: book.version, flows: flows.collect() }
}
