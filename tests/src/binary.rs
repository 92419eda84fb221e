//! Where the `ngcc` under test is: beside the tests that run, built first if it is not fresh.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::root;

/// The binary; `NGCC_BIN` names another one.
///
/// # Panics
/// Where it cannot be built.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match std::env::var_os("NGCC_BIN") {
        Some(path) => PathBuf::from(path),
        None => build(),
    })
}

/// Builds it with the features of the whole workspace, as its tests were: nothing is built twice.
fn build() -> PathBuf {
    let target = target();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // What cargo tells a test of the test's own package: `ring` would be built anew for it, and all that stands on it.
    let own = |name: &str| ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|part| name.starts_with(part));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(own)) {
        build.env_remove(name);
    }
    let built = build
        .args(["build", "--workspace", "--bin", "ngcc", "--quiet"])
        .current_dir(root())
        .env("CARGO_TARGET_DIR", &target)
        .status()
        .expect("cargo runs");
    assert!(built.success(), "ngcc does not build");
    target.join("debug/ngcc")
}

/// `<target>` of `<target>/debug/deps/<test>`.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    test.ancestors().nth(3).expect("a test lies in target/debug/deps").to_path_buf()
}
