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
mod speech;
mod store;

use std::time::Duration;

/// Five times the second in which a hang-up has ended everything.
const CASCADE: Duration = Duration::from_secs(5);

/// How often a crash is repeated: as often as `NGCC_TEST_ROUNDS` says, or else eight times, less on the second bus,
/// more in the soak.
fn rounds() -> u32 {
    let set = |name| std::env::var_os(name).is_some();
    if let Some(rounds) = std::env::var_os("NGCC_TEST_ROUNDS") {
        return rounds.to_str().and_then(|rounds| rounds.parse().ok()).expect("NGCC_TEST_ROUNDS is a number");
    }
    match (set("NGCC_SOAK"), set("NGCC_TEST_BUS")) {
        (true, _) => 100,
        (false, true) => 2,
        (false, false) => 8,
    }
}
