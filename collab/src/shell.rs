//! Carries out what the core wants done.

use std::sync::Arc;

use ngcc_collab_core::{Collab, Output, Shut};
use ngcc_proto::Now;
use ngcc_runtime::{Bus, Shell};

use crate::lines::Lines;
use crate::recorder::Recorder;

/// The pages and the bus, as the core's outputs need them.
pub(crate) struct Edge {
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) lines: Lines,
    pub(crate) recorder: Recorder,
}

impl Shell<Collab> for Edge {
    fn perform(&mut self, output: Output, _now: Now) {
        match output {
            Output::Send(envelope) => self.bus.send(envelope),
            Output::WebSend { line, id, tell } => self.lines.tell(line, id.as_deref(), &tell),
            Output::Record { collab, strip } => self.recorder.put(collab, strip),
            Output::Recorded { standing } => self.recorder.finish_all_but(standing),
            Output::WebClose { line, why } => self.lines.close(line, why),
        }
    }

    /// The core knows nobody any more who is connected: pages come again and find what they shared.
    fn rebuilt(&mut self, _now: Now) {
        self.lines.close_all(Shut::Stopping);
    }
}
