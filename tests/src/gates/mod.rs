//! The gates: rules about the shape of the sources and of what they depend on, each a function that
//! lists what breaks the rule, so that a failing test says all of it at once.

pub mod acceptance;
pub mod edges;
pub mod foreign;
pub mod sources;
