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

/// `level` without what libraries say of every handshake, unless it names them itself.
fn quieted(level: &str) -> String {
    let library = "rtc_dtls";
    if level.contains(library) { level.to_owned() } else { format!("{level},{library}=error") }
}

/// Starts logging. `RUST_LOG` wins over `level` (such as `info` or `info,ngcc_cti=debug`). A second call changes nothing.
pub fn init(form: Form, level: &str) {
    let filter = EnvFilter::try_from_default_env()
        .or_else(|_| EnvFilter::try_new(quieted(level)))
        .unwrap_or_else(|_| EnvFilter::new("info"));
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
