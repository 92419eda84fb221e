//! The process's own log lines: `tracing` to standard error, for people or as JSON.

use std::io::IsTerminal;
use std::panic;

use tracing_subscriber::EnvFilter;

use crate::metrics::Counter;

static PANICS: Counter = Counter::new("ngcc_panics_total", "Panics in any thread: bugs.");

/// How a line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// What libraries may say: `rtc_dtls` warns of every handshake, and at their finest level others write whole
/// messages, which no log may hold.
const DISCREET: [&str; 3] = ["tungstenite=info", "tungstenite::protocol=info", "rtc_dtls=error"];

fn filter(given: Option<EnvFilter>, level: &str) -> EnvFilter {
    let filter = given.or_else(|| EnvFilter::try_new(level).ok()).unwrap_or_else(|| EnvFilter::new("info"));
    let discreet = DISCREET.iter().filter_map(|directive| directive.parse().ok());
    discreet.fold(filter, EnvFilter::add_directive)
}

/// Starts logging. `RUST_LOG` wins over `level` (such as `info` or `info,ngcc_cti=debug`). A second call changes nothing.
pub fn init(form: Form, level: &str) {
    let filter = filter(EnvFilter::try_from_default_env().ok(), level);
    let to = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match form {
        Form::Human => to.with_ansi(std::io::stderr().is_terminal()).try_init(),
        Form::Json => to.json().try_init(),
    };
    if started.is_ok() {
        PANICS.register();
        // Only where it was: a panic's text may quote what a caller sent.
        panic::set_hook(Box::new(|info| {
            PANICS.inc();
            let at = info.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(at, "panic");
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_no_level_does_a_library_write_what_somebody_wrote() {
        let asked = ["trace", "tungstenite=trace", "tungstenite::protocol=trace", "nonsense=of=a=level"];
        for level in asked {
            let text = filter(None, level).to_string();
            let told: Vec<&str> = text.split(',').collect();
            assert!(DISCREET.iter().all(|directive| told.contains(directive)), "{level}: {text}");
            assert!(!text.contains("tungstenite=trace") && !text.contains("protocol=trace"), "{text}");
        }
    }
}
