//! The media server's core: media legs, who hears whom, and flows. It does no IO.
#![forbid(unsafe_code)]

pub mod film;
pub mod flow;
mod ivr;
mod legs;
pub mod media;
mod out;
mod run;
pub mod sdp;
pub mod worker;

pub use ivr::{Input, Ivr, Output};
pub use out::AskId;
