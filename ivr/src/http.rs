//! Web requests of flows: allowed hosts and configured bots only, no redirects, no proxy, small answers.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ngcc_ivr_core::flow::{Fetch, Fetched, Signed};
use ngcc_ivr_core::{AskId, Input};
use ngcc_proto::Secret;
use ngcc_runtime::{Clock, Counter, Inbox, WebhookKey};
use reqwest::{Client, RequestBuilder, Url, header, redirect};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

static ASKED: Counter = Counter::new("ngcc_flow_http_total", "Web requests of flows.");
static REFUSED: Counter =
    Counter::new("ngcc_flow_http_refused_total", "Web requests of flows to hosts not allowed.");

static BOTS: Counter = Counter::new("ngcc_flow_bot_total", "Messages to external bots, repeats among them.");
static REPEATED: Counter =
    Counter::new("ngcc_flow_bot_repeated_total", "Messages to external bots that were sent once more.");

/// The most bytes of an answer.
const MAX_ANSWER: usize = 64 * 1024;
/// How many requests run at a time.
const AT_ONCE: usize = 64;
/// How many bots are asked at a time: some think for seconds.
const BOTS_AT_ONCE: usize = 1024;
/// How long is waited before a bot is asked once more: twice as long each time, up to the second.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// A status and a text, or why there is none.
type Answered = Result<(u16, String), String>;

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
    clock: Clock,
    /// Made with the first request: it needs the process's TLS provider.
    client: OnceLock<Result<Client, String>>,
    turns: Semaphore,
    bots: Semaphore,
}

impl Web {
    pub(crate) fn new(settings: WebSettings, clock: Clock, inbox: Inbox<Input>) -> Self {
        let (turns, bots) = (Semaphore::new(AT_ONCE), Semaphore::new(BOTS_AT_ONCE));
        Self { inbox, shared: Arc::new(Shared { settings, clock, client: OnceLock::new(), turns, bots }) }
    }

    /// Asks a web server; `Fetched` answers.
    pub(crate) fn fetch(&self, ask: AskId, fetch: Fetch) {
        let (inbox, shared) = (self.inbox.clone(), Arc::clone(&self.shared));
        tokio::spawn(async move {
            // One limit for everything, the wait for a turn too.
            let fetched = timeout(fetch.timeout, shared.fetch(fetch)).await;
            inbox.put(Input::Fetched { ask, fetched: fetched.unwrap_or(Fetched::TimedOut) });
        });
    }
}

impl Shared {
    async fn fetch(&self, fetch: Fetch) -> Fetched {
        let asked = match fetch.signed {
            Some(signed) => self.insist(&fetch.url, fetch.body, &signed, fetch.timeout).await,
            None => self.ask_allowed(&fetch.url, fetch.body).await,
        };
        match asked {
            Ok((status, body)) => Fetched::Answer { status, body },
            Err(why) => Fetched::Failed(why),
        }
    }

    async fn ask_allowed(&self, url: &str, body: Option<Secret>) -> Answered {
        let url = self.allowed(url)?;
        // Nobody closes it.
        let _turn = self.turns.acquire().await.map_err(|error| error.to_string())?;
        ASKED.inc();
        let client = self.client()?;
        let request = match body {
            None => client.get(url),
            Some(body) => client.post(url).body(body.expose().to_owned()),
        };
        answer(request).await
    }

    /// Asks a configured bot, and again with the same id while it is not there or not able, as long as there is time.
    /// The administrator has named its address: it need not be among those that flows may ask.
    async fn insist(&self, url: &str, body: Option<Secret>, signed: &Signed, time: Duration) -> Answered {
        let (url, key) = (web_address(url)?.0, WebhookKey::new(signed.secret.expose()));
        let body = body.unwrap_or_default();
        let (until, mut pause) = (Instant::now() + time, PAUSE);
        loop {
            let turn = self.bots.acquire().await.map_err(|error| error.to_string())?;
            BOTS.inc();
            let at = (self.clock.now().wall.0 / 1000).to_string();
            let request = self
                .client()?
                .post(url.clone())
                .header("webhook-signature", key.sign(&signed.id, &at, body.expose().as_bytes()))
                .header("webhook-id", &signed.id)
                .header("webhook-timestamp", at)
                .body(body.expose().to_owned());
            let answered = answer(request).await;
            drop(turn);
            let passes = matches!(answered, Err(_) | Ok((408 | 425 | 429 | 500.., _)));
            if !passes || Instant::now() + pause >= until {
                return answered;
            }
            REPEATED.inc();
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn client(&self) -> Result<&Client, String> {
        self.client.get_or_init(client).as_ref().map_err(Clone::clone)
    }

    /// The address, if its host is allowed.
    fn allowed(&self, url: &str) -> Result<Url, String> {
        let (url, scheme_port) = web_address(url)?;
        let host = url.host_str().unwrap_or_default();
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

/// An address of the web, and its scheme's own port.
fn web_address(url: &str) -> Result<(Url, u16), String> {
    let url = Url::parse(url).map_err(|error| format!("the address cannot be read: {error}"))?;
    let scheme_port = match url.scheme() {
        "http" => 80,
        "https" => 443,
        _ => return Err("the address is neither http nor https".to_owned()),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address holds a user name".to_owned());
    }
    Ok((url, scheme_port))
}

/// A whole answer: its status and its text.
async fn answer(request: RequestBuilder) -> Answered {
    let json = "application/json";
    let request = request.header(header::CONTENT_TYPE, json).header(header::ACCEPT, json);
    // The address may hold what a caller entered: it stays out of the reason.
    let mut answer = request.send().await.map_err(|error| error.without_url().to_string())?;
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
