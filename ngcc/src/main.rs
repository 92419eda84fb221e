//! The `ngcc` binary.
fn main() {}
