//! The bus that carries envelopes between roles. What is sent before its receiver has attached is
//! kept for it, so the order in which the parts start is free.

mod direct;
mod serialising;

use std::sync::Arc;

use ngcc_proto::{Envelope, Role};

/// What takes the envelopes for a role. It must not block and must not send to its own role.
pub type Sink = Box<dyn Fn(Envelope) + Send + Sync>;

/// What looks at every envelope that passes.
pub type Tap = Box<dyn Fn(&Envelope) + Send + Sync>;

/// Carries every control message between modules. Never waits.
pub trait Bus: Send + Sync {
    /// From now on `sink` takes what is for `role`, first of all what has been kept for it.
    fn attach(&self, role: Role, sink: Sink);

    /// Sends. What is for a role nobody has attached to yet is kept.
    fn send(&self, envelope: Envelope);

    /// Shows every envelope that is sent from now on to `tap`, before it is delivered.
    fn tap(&self, tap: Tap);
}

/// The bus inside one process: values are moved.
pub fn direct() -> Arc<dyn Bus> {
    Arc::new(direct::Direct::default())
}

/// The bus that finds out whether the parts could live in several processes: it writes each envelope,
/// drops the sender's value, delivers what it reads back, and repeats some (one in ten, drawn from `seed`).
pub fn serialising(seed: u64) -> Arc<dyn Bus> {
    Arc::new(serialising::Serialising::new(seed))
}
