//! The start of the collaboration server.

use std::io;
use std::sync::Arc;

use axum::Router;
use ngcc_collab_core::{Collab, Input};
use ngcc_proto::Role;
use ngcc_runtime::{Driver, House, Inbox, Uploads, drive};
use thiserror::Error;

use crate::doors::Doors;
use crate::errands::Errands;
use crate::lines::Lines;
use crate::recorder::Recorder;
use crate::settings::Settings;
use crate::shell::{Edge, Parts};

/// Where the files of collaborations lie in the data directory.
const FILES: &str = "collab-files";

/// A start that failed, in words for the operator.
#[derive(Debug, Error)]
pub enum StartError {
    /// The core's log cannot be used.
    #[error(transparent)]
    House(#[from] ngcc_runtime::StartError),
    /// The place of the files cannot be used.
    #[error("the files of collaborations in {FILES} of the data directory cannot be used: {0}")]
    Files(io::Error),
}

/// The collaboration server, serving.
#[derive(Debug)]
pub struct Handle {
    doors: Doors,
    driver: Driver<Input>,
}

impl Handle {
    /// The routes of pages: `/ws/collab/{id}` and `/collab/{id}/files`.
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
/// [`StartError`]: the log or the place of the files cannot be opened.
pub fn start(settings: Settings, house: &House) -> Result<Handle, StartError> {
    house.expect("collab");
    let (limits, rngs) = (settings.limits, house.clone());
    let make = move || Collab::new(limits, rngs.rng());
    let files = Uploads::open_in(house, FILES).map_err(StartError::Files)?;
    let (connections, most) = (settings.connections, settings.recording);
    let parts = |inbox: Inbox<Input>| Parts {
        lines: Lines::new(connections, inbox.clone()),
        errands: Errands::new(inbox),
        files: files.clone(),
    };
    let mut made = None;
    let bus = Arc::clone(&house.bus);
    let driver = drive(house, "collab", make, |inbox| {
        let parts = parts(inbox.clone());
        made = Some(parts.clone());
        let recorder = Recorder::start(house, most, inbox);
        Edge { bus, parts, recorder, cleared: false }
    })?;
    // The closure has run: the driver is there.
    let parts = made.unwrap_or_else(|| parts(driver.inbox.clone()));
    let doors = Doors::open(&settings, house, driver.inbox.clone(), parts);
    driver.inbox.attach_to(&house.bus, Role::Collab);
    house.ready("collab");
    tracing::info!("collaborations are served");
    Ok(Handle { doors, driver })
}
