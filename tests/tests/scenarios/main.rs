//! The scenarios: phones around a real centre, what they hear, and what is stored of it. With
//! `NGCC_TEST_BUS=serialising` the same list runs over the bus that writes every envelope as JSON.

// Helpers of tests are tests too, to the lints.
#![cfg(test)]

mod agents;
mod call;
mod crash;
mod foreign;
mod hand_over;
mod hang_up;
mod lock;
mod matrix;
mod phones;
mod resources;
mod secrets;
mod store;

use std::time::Duration;

/// Five times the five seconds in which a hang-up has ended everything.
const CASCADE: Duration = Duration::from_secs(25);

/// How often a crash is repeated: twice, or as often as the soak has it.
fn rounds() -> u32 {
    if std::env::var_os("NGCC_SOAK").is_some() { 20 } else { 2 }
}
