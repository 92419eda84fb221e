//! What stands in a catalogue of an external bot.

use super::fields::{Field, Holds, field};

/// The fields of a bot.
pub(super) const BOT: &[Field] = &[
    field("name", Holds::Name, "Its name, by which flows call it."),
    field("url", Holds::Name, "Where it is posted to, as `https://host/path`."),
    field("timeout_s", Holds::Number(10), "Seconds it may take for an answer, tries and all: 1 to 30."),
    field(
        "secret",
        Holds::Maybe,
        "What its messages are signed with, 16 to 128 characters. Stored encrypted, never written back.",
    ),
];
