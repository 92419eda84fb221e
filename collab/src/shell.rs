//! Carries out what the core wants done.

use std::collections::BTreeSet;
use std::sync::Arc;

use ngcc_collab_core::{Collab, Output, Shut};
use ngcc_proto::{FileId, Now};
use ngcc_runtime::{Bus, Shell, Uploads};

use crate::errands::Errands;
use crate::lines::Lines;
use crate::recorder::Recorder;

/// The pages, what they ask, and their files. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) lines: Lines,
    pub(crate) errands: Errands,
    pub(crate) files: Uploads,
}

/// The parts and the bus, as the core's outputs need them.
pub(crate) struct Edge {
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) parts: Parts,
    pub(crate) recorder: Recorder,
    /// Whether what a last run left has been cleared away. A core that is rebuilt does not know of files that are
    /// on their way to it.
    pub(crate) cleared: bool,
}

impl Edge {
    fn keep_only(&mut self, files: &BTreeSet<FileId>) {
        if !std::mem::replace(&mut self.cleared, true)
            && let Err(error) = self.parts.files.keep_only(files)
        {
            tracing::error!(%error, "files of collaborations that are over cannot be removed");
        }
    }

    fn discard(&self, file: FileId) {
        let files = self.parts.files.clone();
        tokio::spawn(async move {
            // What stays behind, also by a stop at this moment, goes at the next start.
            if let Err(error) = files.remove(file).await {
                tracing::error!(%error, file.id = %file, "a file cannot be removed");
            }
        });
    }
}

impl Shell<Collab> for Edge {
    fn perform(&mut self, output: Output, _now: Now) {
        match output {
            Output::Send(envelope) => self.bus.send(envelope),
            Output::WebSend { line, id, tell } => self.parts.lines.tell(line, id.as_deref(), &tell),
            Output::WebClose { line, why } => self.parts.lines.close(line, why),
            Output::Reply { call, reply } => self.parts.errands.reply(call, reply),
            Output::Discard(file) => self.discard(file),
            Output::Needed(files) => self.keep_only(&files),
            Output::Record { collab, strip } => self.recorder.put(collab, strip),
            Output::Recorded { standing } => self.recorder.finish_all_but(standing),
        }
    }

    /// The core knows nobody any more who is connected: pages come again and find what they shared.
    fn rebuilt(&mut self, _now: Now) {
        self.parts.lines.close_all(Shut::Stopping);
        self.parts.errands.forget_all();
    }
}
