//! What can be set, one small struct a topic, every key with its meaning and its default in one place.
//! Where a value comes from (flag, environment, file, default) is the business of `layers`.

mod layers;
mod nearest;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(crate) use layers::{Effective, SettingsError, Sources};

/// A key as the reference page shows it.
pub(crate) struct KeyInfo {
    /// `topic.key`.
    pub(crate) path: &'static str,
    /// What it means, one string a line.
    pub(crate) about: &'static [&'static str],
}

/// Keys whose values are shown to nobody.
pub(crate) const SECRETS: &[&str] = &["web.identity_secret"];

macro_rules! topics {
    ($($(#[doc = $topic_doc:literal])* $topic:ident: $Topic:ident {
        $($(#[doc = $doc:literal])* $key:ident: $ty:ty = $default:expr;)*
    })*) => {
        /// Everything that can be set.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct Settings {
            $($(#[doc = $topic_doc])* pub(crate) $topic: $Topic,)*
        }

        $(
            $(#[doc = $topic_doc])*
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[serde(default, deny_unknown_fields)]
            pub(crate) struct $Topic {
                $($(#[doc = $doc])* pub(crate) $key: $ty,)*
            }

            impl Default for $Topic {
                fn default() -> Self {
                    Self { $($key: $default,)* }
                }
            }
        )*

        /// Every topic and what it is about.
        pub(crate) const TOPICS: &[KeyInfo] =
            &[$(KeyInfo { path: stringify!($topic), about: &[$($topic_doc),*] },)*];

        /// Every key and what it means.
        pub(crate) const KEYS: &[KeyInfo] = &[$($(
            KeyInfo { path: concat!(stringify!($topic), ".", stringify!($key)), about: &[$($doc),*] },
        )*)*];
    };
}

/// The fewest characters of a secret that pages sign with.
const MIN_SECRET: usize = 16;

/// Scheme, host and port, and nothing behind them.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '@', '?', '#', ' ', '*']))
}

fn everywhere(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))
}

fn here(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

topics! {
    /// Where things are kept.
    data: Data {
        /// The data directory: log, business database, prompts, cached speech, control socket.
        dir: PathBuf = PathBuf::from("data");
    }
    /// Threads.
    run: Run {
        /// Worker threads for control; 0 takes the number of cores, two at the most.
        workers: u16 = 0;
    }
    /// The HTTP listener and the figures.
    http: Http {
        /// Where HTTP is served: the console, the widget, the interface of programs, `/healthz`, `/readyz`.
        listen: SocketAddr = everywhere(8080);
        /// Where `/metrics` is served.
        metrics: SocketAddr = here(9091);
    }
    /// The HTTPS listener. A browser gives a page the microphone over HTTPS or on the server's own machine only.
    https: Https {
        /// Whether HTTPS is served.
        on: bool = true;
        /// Where: the same as over HTTP.
        listen: SocketAddr = everywhere(8443);
        /// The certificate and those above it, a PEM file; empty takes one that is made at the first start.
        certificate: String = String::new();
        /// The certificate's key, a PEM file; empty takes the one that is made at the first start.
        key: String = String::new();
    }
    /// Browsers.
    web: Web {
        /// Origins of pages that may speak to us besides those we serve, as `https://shop.example`; none by default.
        /// Behind a proxy that ends TLS the pages we serve are such, too.
        origins: Vec<String> = Vec::new();
        /// The secret by which a page of yours vouches for who its user is; empty: no page can.
        identity_secret: String = String::new();
        /// The most bytes of one file that somebody hands over.
        max_upload: u64 = 25 * 1024 * 1024;
    }
    /// Files that customers and agents hand over.
    uploads: Uploads {
        /// The program that scans each file before anybody can have it, with its arguments, as `clamdscan --fdpass
        /// --no-summary`; the file's path comes behind them. It exits with 0 for a file that may pass, with 1 for one that
        /// may not, and has 30 seconds; anything else refuses the file, which may be tried again. Empty: nothing is scanned.
        scan: String = String::new();
    }
    /// SIP.
    sip: Sip {
        /// The UDP listener; port 0 takes any free one.
        udp: SocketAddr = everywhere(5060);
        /// The TCP listener; port 0 takes any free one.
        tcp: SocketAddr = everywhere(5060);
        /// The address written into Contact and Via, for a server behind address translation; empty takes the
        /// listener's own.
        external: String = String::new();
        /// Host names that are ours besides our addresses; a call to any other host is answered 404.
        domains: Vec<String> = Vec::new();
        /// The digest realm. Changing it makes every stored phone secret useless.
        realm: String = "ngcc".to_owned();
        /// Whether callers without credentials may call what is public.
        anonymous: bool = true;
        /// The most legs at once; more are answered 503.
        max_legs: u32 = 20_000;
    }
    /// RTP.
    media: Media {
        /// The local address RTP ports are bound on.
        local: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        /// The address written into SDP; empty takes `media.local`, or where that is 0.0.0.0 the address of the
        /// default route.
        external: String = String::new();
        /// The first RTP port; 0 lets the system choose each one.
        first_port: u16 = 20_000;
        /// The last RTP port.
        last_port: u16 = 29_999;
        /// Media worker threads; 0 takes the number of cores.
        workers: u16 = 0;
        /// Seconds without RTP after which a leg is probed.
        silence_s: u32 = 60;
    }
    /// Flows.
    flow: Flow {
        /// Hosts the `http` verb may call, as `crm.example` or `crm.example:8080`; none by default.
        http_hosts: Vec<String> = Vec::new();
        /// The program that speaks texts.
        speech: PathBuf = PathBuf::from("espeak-ng");
    }
    /// Limits and times of the whole centre.
    centre: Centre {
        /// How many self-service dialogues may run at once.
        self_service_slots: u32 = 100_000;
        /// Seconds a lost connection is waited for.
        grace_s: u32 = 30;
        /// The flow run by the feature code for signing in.
        sign_in_flow: String = "sign-in".to_owned();
        /// Seconds after which a chat in which nobody writes is closed; 1500 to 2700 is usual.
        chat_idle_s: u32 = 1800;
    }
    /// What customers and agents share.
    collab: Collab {
        /// Whether what agents are shown is recorded where the session came through no queue; a queue says it for its
        /// own by `record_sharing`.
        record: bool = false;
        /// The most bytes of one recording; what comes behind them is not recorded.
        max_recording: u64 = 64 * 1024 * 1024;
        /// The most bytes of one recording of a screen, of which an hour has 675 MB at the most; what comes behind them is
        /// not recorded.
        max_screen_recording: u64 = 1024 * 1024 * 1024;
        /// Days that a recording is kept.
        keep_days: u32 = 30;
    }
    /// What is written to standard error.
    log: Log {
        /// `human` or `json`.
        format: String = "human".to_owned();
        /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,ngcc_softacd=debug`.
        level: String = "info".to_owned();
    }
}

impl Settings {
    /// What cannot be seen from one key alone: one line each.
    fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.media.first_port != 0 && self.media.last_port < self.media.first_port.saturating_add(1) {
            found.push("media.last_port must lie above media.first_port: a leg takes two ports".to_owned());
        }
        if !["human", "json"].contains(&self.log.format.as_str()) {
            found.push(format!("log.format is `{}`: use `human` or `json`", self.log.format));
        }
        if self.sip.realm.is_empty() || self.sip.realm.contains(['"', '\\']) {
            found.push("sip.realm must not be empty and holds neither quotes nor backslashes".to_owned());
        }
        for (key, value) in [("sip.external", &self.sip.external), ("media.external", &self.media.external)] {
            if !value.is_empty() && value.parse::<IpAddr>().is_err() {
                found.push(format!("{key} is `{value}`: give an IP address"));
            }
        }
        if self.https.certificate.is_empty() != self.https.key.is_empty() {
            found.push("https.certificate and https.key go together: set both or neither".to_owned());
        }
        if let Some(origin) = self.web.origins.iter().find(|origin| !is_origin(origin)) {
            found.push(format!("web.origins holds `{origin}`: give origins such as https://shop.example"));
        }
        if self.collab.keep_days == 0 {
            found.push("collab.keep_days is 0: a recording is kept for 1 day at least; collab.record says whether any is made".to_owned());
        }
        let secret = self.web.identity_secret.len();
        if secret != 0 && secret < MIN_SECRET {
            found.push(format!("web.identity_secret has {secret} characters: give {MIN_SECRET} at least"));
        }
        found
    }

    /// What is allowed and worth a word: one line each.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.centre.self_service_slots == 0 {
            found.push("centre.self_service_slots is 0: no caller reaches a flow".to_owned());
        }
        found
    }
}
