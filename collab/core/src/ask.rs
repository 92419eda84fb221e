//! What pages ask. Everything is typed and bounded before it comes to the core; only the events of a shared page
//! are as the page sent them, and they are read one by one by a filter that passes what it knows.

use ngcc_proto::FileId;
use ngcc_proto::config::MAX_VALUE;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most points of one stroke.
const MAX_POINTS: usize = 512;
/// The longest address that one end may open at the other, in bytes.
const MAX_URL: usize = 2048;
/// The most events of one frame.
const MAX_EVENTS: usize = 2000;
/// The largest awareness state, in bytes of JSON.
pub(crate) const MAX_AWARE: usize = 2048;
/// The farthest point of a document, in CSS pixels.
const FARTHEST: f64 = 10_000_000.0;

/// One of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The customer's.
    Customer,
    /// The agent's.
    Agent,
}

/// What a customer grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// That the agent sees the page.
    View,
    /// That the agent points and draws on it.
    Pointer,
    /// That the agent acts on it.
    Control,
}

impl Grant {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Pointer => "pointer",
            Self::Control => "control",
        }
    }
}

/// What stands in a field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Entry {
    /// Yes or no.
    Tick(bool),
    /// Anything else; empty where nothing is filled in.
    Text(String),
}

/// What an agent does on the customer's page. `x` and `y` are CSS pixels of the document, `node` is the id that
/// rrweb gave the element.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Act {
    /// Points.
    Pointer {
        /// From the left.
        x: f64,
        /// From the top.
        y: f64,
    },
    /// Draws.
    Stroke {
        /// Along these.
        points: Vec<[f64; 2]>,
    },
    /// Wipes what was drawn.
    Clear,
    /// Clicks.
    Click {
        /// On this.
        node: u64,
    },
    /// Puts a value into a field.
    Input {
        /// Which.
        node: u64,
        /// What.
        value: String,
    },
    /// Ticks a box, or takes the tick away.
    Check {
        /// Which.
        node: u64,
        /// Whether it is ticked then.
        on: bool,
    },
    /// Scrolls the document.
    Scroll {
        /// From the left.
        x: f64,
        /// From the top.
        y: f64,
    },
    /// Proposes a value for a field; the customer confirms it.
    Propose {
        /// Which.
        node: u64,
        /// What.
        value: String,
    },
    /// Proposes to open another page; the customer confirms it.
    Open {
        /// Where.
        url: String,
    },
}

impl Act {
    /// What it needs.
    pub(crate) fn needs(&self) -> Grant {
        match self {
            Self::Pointer { .. } | Self::Stroke { .. } | Self::Clear => Grant::Pointer,
            Self::Click { .. } | Self::Input { .. } | Self::Check { .. } | Self::Scroll { .. } => {
                Grant::Control
            }
            Self::Propose { .. } | Self::Open { .. } => Grant::View,
        }
    }

    /// Whether it keeps within its bounds.
    pub(crate) fn fits(&self) -> bool {
        let near = |v: f64| v.is_finite() && v.abs() <= FARTHEST;
        match self {
            Self::Pointer { x, y } | Self::Scroll { x, y } => near(*x) && near(*y),
            Self::Stroke { points } => {
                points.len() <= MAX_POINTS && points.iter().flatten().all(|v| near(*v))
            }
            Self::Input { value, .. } | Self::Propose { value, .. } => value.len() <= MAX_VALUE,
            Self::Open { url } => url.len() <= MAX_URL && leads_to_a_page(url),
            Self::Clear | Self::Click { .. } | Self::Check { .. } => true,
        }
    }
}

/// Whether it is an absolute address of the web: nothing that runs, and nothing that a browser reads otherwise
/// than it looks.
fn leads_to_a_page(url: &str) -> bool {
    let plain = !url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    let lower = url.to_ascii_lowercase();
    plain && host(&lower).is_some_and(|host| host.starts_with(|c: char| c.is_alphanumeric() || c == '['))
}

/// The host of an address of the web, with its port; none if it is no such address, or one that signs in: what
/// stands before an `@` looks like the host and is none.
pub(crate) fn host(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    (web && !host.contains('@')).then_some(host)
}

/// A frame of a page's.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// The customer grants something, or takes it back.
    Consent {
        /// What.
        what: Grant,
        /// Which of the two.
        on: bool,
    },
    /// The agent asks for something to be granted.
    Request {
        /// What.
        what: Grant,
    },
    /// The customer pauses the sharing, or goes on.
    Pause {
        /// Which of the two.
        on: bool,
    },
    /// It shall end.
    Leave,
    /// Events of the shared page, as rrweb records them.
    Events(Vec<Value>),
    /// The agent does something on the page.
    Act(Act),
    /// The customer's answer to a proposal.
    Answer {
        /// The number of the act.
        act: u64,
        /// Whether they took it.
        taken: bool,
    },
    /// The customer's own input came before the agent's.
    Over {
        /// Where.
        node: u64,
    },
    /// A field is filled.
    Fill {
        /// Which.
        field: String,
        /// With what.
        value: Entry,
    },
    /// The cursor is in a field, or in none.
    Focus {
        /// Which.
        field: Option<String>,
    },
    /// The customer confirms the form.
    Confirm,
    /// A Yjs update (version 1).
    Update(Vec<u8>),
    /// Who is where on the board: JSON.
    Aware(String),
    /// An address is suggested to the other end.
    Push {
        /// Where.
        url: String,
    },
    /// The answer to an address that was suggested.
    Opened {
        /// Its number.
        n: u64,
        /// Whether it was opened.
        taken: bool,
    },
    /// A file is taken out of the tray.
    Remove {
        /// Which.
        file: FileId,
    },
}

impl Ask {
    /// Its type on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Consent { .. } => "consent",
            Self::Request { .. } => "ask",
            Self::Pause { .. } => "pause",
            Self::Leave => "leave",
            Self::Events(_) => "rr",
            Self::Act(_) => "act",
            Self::Answer { .. } => "answer",
            Self::Over { .. } => "over",
            Self::Fill { .. } => "fill",
            Self::Focus { .. } => "focus",
            Self::Confirm => "confirm",
            Self::Update(_) => "y",
            Self::Aware(_) => "aware",
            Self::Push { .. } => "push",
            Self::Opened { .. } => "answer",
            Self::Remove { .. } => "remove",
        }
    }

    /// Whether it keeps within its bounds.
    pub(crate) fn fits(&self) -> bool {
        match self {
            Self::Events(events) => events.len() <= MAX_EVENTS,
            Self::Act(act) => act.fits(),
            Self::Fill { field, value } => {
                let short = match value {
                    Entry::Tick(_) => true,
                    Entry::Text(text) => text.len() <= MAX_VALUE,
                };
                short && field.len() <= MAX_VALUE
            }
            Self::Focus { field } => field.as_ref().is_none_or(|field| field.len() <= MAX_VALUE),
            Self::Aware(state) => state.len() <= MAX_AWARE,
            Self::Push { url } => url.len() <= MAX_URL && leads_to_a_page(url),
            Self::Consent { .. }
            | Self::Request { .. }
            | Self::Pause { .. }
            | Self::Leave
            | Self::Answer { .. }
            | Self::Over { .. }
            | Self::Confirm
            | Self::Update(_)
            | Self::Opened { .. }
            | Self::Remove { .. } => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_addresses_of_the_web_are_opened() {
        for good in ["https://shop.example/a?b=1#c", "http://[::1]:8080/", "HTTPS://Shop.example"] {
            assert!(Act::Open { url: good.to_owned() }.fits(), "{good}");
        }
        for bad in [
            "",
            "/cart",
            "//shop.example",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "https:/shop.example",
            "https:///shop.example",
            "https://\\evil.example",
            "https://a b",
            "https://shop.example@evil.example/",
            "https://bob:secret@shop.example",
            " https://shop.example",
            "file:///etc/passwd",
        ] {
            assert!(!Act::Open { url: bad.to_owned() }.fits(), "{bad}");
        }
        assert!(!Act::Open { url: format!("https://a/{}", "x".repeat(MAX_URL)) }.fits());
    }

    #[test]
    fn points_are_finite_and_near_and_not_too_many() {
        assert!(Act::Pointer { x: -3.5, y: 4000.0 }.fits());
        assert!(!Act::Pointer { x: f64::NAN, y: 0.0 }.fits());
        assert!(!Act::Scroll { x: 0.0, y: 1e300 }.fits());
        assert!(Act::Stroke { points: vec![[1.0, 2.0]; 512] }.fits());
        assert!(!Act::Stroke { points: vec![[1.0, 2.0]; 513] }.fits());
    }
}
