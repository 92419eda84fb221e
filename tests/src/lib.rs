//! What the tests of the whole house stand on: the gates that keep its shape, and a centre that runs as
//! a process of its own with phones around it. No part of the product depends on this crate.

#![forbid(unsafe_code)]

pub mod binary;
pub mod centre;
pub mod fakes;
pub mod gates;
pub mod house;
pub mod look;
pub mod sounds;

use std::path::{Path, PathBuf};

/// The workspace's root directory.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
