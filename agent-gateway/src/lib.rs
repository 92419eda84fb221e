//! agent-gateway: serves agents', supervisors' and administrators' browsers: sign-in, REST, WebSockets, the web apps.
//! It decides nothing about contacts; it says who asks, and whether they may.
#![forbid(unsafe_code)]

mod acts;
mod apps;
mod demo;
mod desk;
mod frame;
mod gate;
mod guard;
mod hub;
mod permission;
mod presence;
mod problem;
mod rate;
mod readings;
mod rest;
mod serving;
mod take;
mod ticket;
mod token;
mod ws;

use std::sync::Arc;

use axum::Router;
use axum::middleware::map_request;
use ngcc_proto::{Envelope, Role};
use ngcc_runtime::{House, Inbox, StartError};

use crate::gate::Gate;

pub use apps::secured;
pub use demo::{Demo, Simulate, Simulated};
pub use ngcc_runtime::Https;
pub use rest::document as openapi;

/// What the gateway is told at start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Pages that may speak to us besides those from the same host, as `https://console.example`.
    pub origins: Vec<String>,
    /// The demo, if it is one: its pages and its links that sign in without a password are served.
    pub demo: Option<Demo>,
    /// The most bytes of one file that an agent hands over.
    pub max_upload: u64,
}

/// The running gateway. It ends when the house stops.
pub struct Gateway {
    gate: Arc<Gate>,
    demo: Option<Demo>,
}

/// Takes the gateway's place on the bus. Needs a Tokio runtime.
///
/// # Errors
/// The house's key cannot be read.
pub fn start(settings: Settings, house: &House) -> Result<Gateway, StartError> {
    house.expect("gateway");
    let gate = Arc::new(Gate::open(&settings, house)?);
    let (inbox, outlet) = Inbox::<Envelope>::new("gateway", take::CEILING);
    inbox.attach_to(&house.bus, Role::Gateway);
    tokio::spawn(take::run(Arc::clone(&gate), outlet, house.clone(), inbox));
    tokio::spawn(take::board(Arc::clone(&gate)));
    house.ready("gateway");
    Ok(Gateway { gate, demo: settings.demo })
}

impl Gateway {
    /// REST, WebSockets and the web apps. It has no fallback, so that it can be merged with other routers, and
    /// expects `ConnectInfo<SocketAddr>`, and [`Https`] where a request came by TLS, among a request's extensions.
    pub fn router(&self) -> Router {
        let router = rest::router(&self.gate).merge(ws::router(&self.gate));
        let router = router.merge(apps::router(self.demo.is_some()));
        match &self.demo {
            Some(demo) => router.merge(demo::router(&self.gate, demo.clone())),
            None => router,
        }
    }
}

impl Gateway {
    /// The same beside `others`, of which softacd's serves customers' files under the path that agents use too.
    pub fn router_beside(&self, others: Router) -> Router {
        let all = self.router().merge(others);
        Router::new().fallback_service(all).layer(map_request(rest::led))
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}
