//! What each role is told of the configuration.

use ngcc_proto::AgentUri;
use ngcc_proto::config::{
    BotAccount, ChannelAccount, Colleague, Flow, FlowInfo, ForAccess, ForCti, ForGateway, ForIvr, Object,
    ObjectKind, Seat, User,
};
use ngcc_proto::fact::Medium;
use ngcc_proto::seat::Device;
use ngcc_runtime::Vault;
use serde::Deserialize;

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
            Object::Form(form) => told.forms.push(form.clone()),
            Object::User(_)
            | Object::CannedReply(_)
            | Object::Disposition(_)
            | Object::Channel(_)
            | Object::Bot(_) => {}
        }
    }
    told
}

/// To softacd.
pub(super) fn for_access(book: &Book, settings: &Settings, vault: &Vault) -> ForAccess {
    let phones = book.of(ObjectKind::Phone).filter_map(|(name, row)| {
        let Object::Phone(phone) = &row.object else { return None };
        Some(secrets::account(name, phone.contact.as_deref(), row.secret.as_deref()))
    });
    let channels = book.of(ObjectKind::Channel).filter_map(|(_, row)| {
        let Object::Channel(channel) = &row.object else { return None };
        let secrets = secrets::unlocked(row.secret.as_deref(), vault);
        Some(ChannelAccount { settings: channel.clone(), secrets })
    });
    ForAccess {
        version: book.version,
        phones: phones.collect(),
        banned: settings.banned.clone(),
        channels: channels.collect(),
    }
}

/// To ivr.
pub(super) fn for_ivr(book: &Book, vault: &Vault) -> ForIvr {
    let flows = book.of(ObjectKind::Flow).filter_map(|(_, row)| {
        let Object::Flow(flow) = &row.object else { return None };
        Some(flow.clone())
    });
    let bots = book.of(ObjectKind::Bot).filter_map(|(_, row)| {
        let Object::Bot(bot) = &row.object else { return None };
        // Without a secret there is nothing that its messages could be known by.
        let secret = row.secret.as_deref().and_then(|kept| vault.unlock(kept))?;
        Some(BotAccount { settings: bot.clone(), secret })
    });
    let forms = book.of(ObjectKind::Form).filter_map(|(_, row)| {
        let Object::Form(form) = &row.object else { return None };
        Some(form.clone())
    });
    ForIvr { version: book.version, flows: flows.collect(), forms: forms.collect(), bots: bots.collect() }
}

/// To agent-gateway.
pub(super) fn for_gateway(book: &Book) -> ForGateway {
    let mut told = ForGateway { version: book.version, ..ForGateway::default() };
    for row in book.rows.values() {
        match &row.object {
            Object::User(user) => told.people.extend(colleague(book, user)),
            Object::Queue(queue) => told.queues.push(queue.name.clone()),
            Object::Flow(flow) => told.flows.push(info(flow)),
            Object::CannedReply(reply) => told.canned.push(reply.clone()),
            Object::Disposition(disposition) => told.dispositions.push(disposition.clone()),
            Object::Form(form) => told.forms.push(form.clone()),
            Object::Agent(_) | Object::Phone(_) | Object::Number(_) | Object::Channel(_) | Object::Bot(_) => {
            }
        }
    }
    told
}

/// A stored user has passed the check, so the name is a user name.
fn colleague(book: &Book, user: &User) -> Option<Colleague> {
    let seat = book.rows.get(&(ObjectKind::Agent, user.name.clone())).map(|row| &row.object);
    let device = if let Some(Object::Agent(agent)) = seat { agent.device.clone() } else { Device::Browser };
    let display = if user.display.is_empty() { user.name.clone() } else { user.display.clone() };
    Some(Colleague { agent: AgentUri::new(&user.name).ok()?, display, device })
}

/// What a flow's file says of itself. Its text has been checked before it was stored.
fn info(flow: &Flow) -> FlowInfo {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default = "voice")]
        media: Vec<Medium>,
        #[serde(default)]
        callable_by_agent: bool,
    }
    fn voice() -> Vec<Medium> {
        vec![Medium::Voice]
    }
    let head = serde_json::from_str(&flow.text)
        .unwrap_or_else(|_| Head { media: voice(), callable_by_agent: false });
    FlowInfo { name: flow.name.clone(), media: head.media, callable_by_agent: head.callable_by_agent }
}
