//! The start of the collaboration server.

use std::sync::Arc;

use axum::Router;
use ngcc_collab_core::{Collab, Input};
use ngcc_proto::Role;
use ngcc_runtime::{Driver, House, drive};
use thiserror::Error;

use crate::doors::Doors;
use crate::lines::Lines;
use crate::recorder::Recorder;
use crate::settings::Settings;
use crate::shell::Edge;

/// A start that failed, in words for the operator.
#[derive(Debug, Error)]
pub enum StartError {
    /// The core's log cannot be used.
    #[error(transparent)]
    House(#[from] ngcc_runtime::StartError),
}

/// The collaboration server, serving.
#[derive(Debug)]
pub struct Handle {
    doors: Doors,
    driver: Driver<Input>,
}

impl Handle {
    /// The route of pages: `/ws/collab/{id}`.
    pub fn router(&self) -> Router {
        self.doors.router()
    }

    /// Returns when the core has stopped and its log is on disk.
    pub async fn closed(self) {
        self.driver.closed().await;
    }
}

/// Gives the core its records back and serves. Must be called inside a tokio runtime.
///
/// # Errors
/// [`StartError`]: the log cannot be opened.
pub fn start(settings: Settings, house: &House) -> Result<Handle, StartError> {
    house.expect("collab");
    let (limits, rngs) = (settings.limits, house.clone());
    let make = move || Collab::new(limits, rngs.rng());
    let mut lines = None;
    let (bus, connections, most) = (Arc::clone(&house.bus), settings.connections, settings.recording);
    let driver = drive(house, "collab", make, |inbox| {
        let own = Lines::new(connections, inbox.clone());
        lines = Some(own.clone());
        let recorder = Recorder::start(house, most, inbox);
        Edge { bus, lines: own, recorder }
    })?;
    // The closure has run: the driver is there.
    let lines = lines.unwrap_or_else(|| Lines::new(connections, driver.inbox.clone()));
    let doors = Doors::open(&settings, house, driver.inbox.clone(), lines);
    driver.inbox.attach_to(&house.bus, Role::Collab);
    house.ready("collab");
    tracing::info!("collaborations are served");
    Ok(Handle { doors, driver })
}
