//! The reference pages stand in the repository as the program writes them.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "what a test's own helpers cannot do ends the test")]

mod common;

use std::path::Path;

use common::Scratch;

#[test]
fn the_reference_pages_are_those_the_program_writes() {
    let scratch = Scratch::new("reference");
    let ran = scratch.run(&["schema", "--docs", "pages"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference");
    for page in ["cli.md", "config.md", "catalogue.md"] {
        let written = std::fs::read_to_string(scratch.0.join("pages").join(page)).unwrap();
        let stored = std::fs::read_to_string(stored.join(page)).unwrap_or_default();
        assert!(written == stored, "{page} is out of date: run `ngcc schema --docs docs/reference`");
    }
}
