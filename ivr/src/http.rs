//! Web requests of flows: allowed hosts only, no redirects, no proxy, small answers.

use std::sync::{Arc, OnceLock};

use ngcc_ivr_core::flow::{Fetch, Fetched};
use ngcc_ivr_core::{AskId, Input};
use ngcc_runtime::{Counter, Inbox};
use reqwest::{Client, Url, header, redirect};
use tokio::sync::Semaphore;

static ASKED: Counter = Counter::new("ngcc_flow_http_total", "Web requests of flows.");
static REFUSED: Counter =
    Counter::new("ngcc_flow_http_refused_total", "Web requests of flows to hosts not allowed.");

/// The most bytes of an answer.
const MAX_ANSWER: usize = 64 * 1024;
/// How many requests run at a time.
const AT_ONCE: usize = 64;

/// Which web servers flows may ask.
#[derive(Clone, Debug, Default)]
pub struct WebSettings {
    /// Hosts, as `crm.example` (its scheme's own port) or `crm.example:8080`; none allows nothing.
    pub allow: Vec<String>,
}

/// See the module.
pub(crate) struct Web {
    inbox: Inbox<Input>,
    shared: Arc<Shared>,
}

struct Shared {
    settings: WebSettings,
    /// Made with the first request: it needs the process's TLS provider.
    client: OnceLock<Result<Client, String>>,
    turns: Semaphore,
}

impl Web {
    pub(crate) fn new(settings: WebSettings, inbox: Inbox<Input>) -> Self {
        let (client, turns) = (OnceLock::new(), Semaphore::new(AT_ONCE));
        Self { inbox, shared: Arc::new(Shared { settings, client, turns }) }
    }

    /// Asks a web server; `Fetched` answers.
    pub(crate) fn fetch(&self, ask: AskId, fetch: Fetch) {
        let (inbox, shared) = (self.inbox.clone(), Arc::clone(&self.shared));
        tokio::spawn(async move {
            let timeout = fetch.timeout;
            // One limit for everything, the wait for a turn too.
            let fetched = tokio::time::timeout(timeout, shared.fetch(fetch)).await;
            inbox.put(Input::Fetched { ask, fetched: fetched.unwrap_or(Fetched::TimedOut) });
        });
    }
}

impl Shared {
    async fn fetch(&self, fetch: Fetch) -> Fetched {
        match self.ask(fetch).await {
            Ok((status, body)) => Fetched::Answer { status, body },
            Err(why) => Fetched::Failed(why),
        }
    }

    async fn ask(&self, fetch: Fetch) -> Result<(u16, String), String> {
        let url = self.allowed(&fetch.url)?;
        let client = self.client.get_or_init(client).as_ref().map_err(Clone::clone)?;
        // Nobody closes it.
        let _turn = self.turns.acquire().await.map_err(|error| error.to_string())?;
        ASKED.inc();
        let request = match fetch.body {
            None => client.get(url),
            Some(body) => client.post(url).header(header::CONTENT_TYPE, "application/json").body(body),
        };
        let sent = request.header(header::ACCEPT, "application/json").send().await;
        // The address may hold what a caller entered: it stays out of the reason.
        let mut answer = sent.map_err(|error| error.without_url().to_string())?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| error.without_url().to_string())? {
            if body.len() + piece.len() > MAX_ANSWER {
                return Err("the web server's answer is longer than 64 KiB".to_owned());
            }
            body.extend_from_slice(&piece);
        }
        let body = String::from_utf8(body).map_err(|_| "the web server's answer is no text".to_owned())?;
        Ok((status, body))
    }

    /// The address, if its host is allowed.
    fn allowed(&self, url: &str) -> Result<Url, String> {
        let url = Url::parse(url).map_err(|error| format!("the address cannot be read: {error}"))?;
        let scheme_port = match url.scheme() {
            "http" => 80,
            "https" => 443,
            _ => return Err("the address is neither http nor https".to_owned()),
        };
        let host = url.host_str().unwrap_or_default();
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the address holds a user name".to_owned());
        }
        let port = url.port().unwrap_or(scheme_port);
        let full = format!("{host}:{port}");
        let is_this = |allowed: &String| {
            allowed.eq_ignore_ascii_case(&full) || (port == scheme_port && allowed.eq_ignore_ascii_case(host))
        };
        if self.settings.allow.iter().any(is_this) {
            return Ok(url);
        }
        REFUSED.inc();
        Err(format!("flows may not ask `{full}`: it is not in the list of allowed hosts"))
    }
}

fn client() -> Result<Client, String> {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("ngcc/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
