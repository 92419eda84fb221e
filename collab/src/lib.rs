//! The collaboration server's shell: `/ws/collab/<collab>` and the files of `/collab/<collab>/files` around `ngcc_collab_core`. It says whose origin may speak
//! and how much; what is shared, and what is seen of it, is the core's business.
#![forbid(unsafe_code)]

mod doors;
mod errands;
mod files;
mod lines;
mod pace;
mod recorder;
mod settings;
mod shell;
mod socket;
mod start;

pub use ngcc_collab_core::Limits;
pub use settings::Settings;
pub use start::{Handle, StartError, start};

#[cfg(test)]
mod tests;
