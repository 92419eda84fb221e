//! Speaking to providers: one client, bounded answers, no redirects; and what of ours a send needs.

use std::error::Error as _;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use ngcc_proto::FileId;
use ngcc_runtime::{Clock, Uploads};
use reqwest::{Client, RequestBuilder, Response, redirect};
use thiserror::Error;

/// The most bytes of an answer that is no file.
pub(super) const MAX_ANSWER: usize = 256 * 1024;
/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a provider says of an error: its own number, and its words where it has any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) number: i64,
    pub(super) words: String,
}

impl Told {
    /// A number, 0 where the provider has none, and the words for it.
    pub(super) fn new(number: i64, words: Option<&str>) -> Self {
        Self { number, words: words.unwrap_or_default().to_owned() }
    }
}

impl From<i64> for Told {
    fn from(number: i64) -> Self {
        Self::new(number, None)
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.number, self.words.as_str()) {
            (number, "") => write!(f, "{number}"),
            // It has words alone.
            (0, words) => f.write_str(words),
            (number, words) => write!(f, "{number}: {words}"),
        }
    }
}

/// Why a provider did not take something.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(super) enum Failed {
    /// For now: no connection, an error of its own, too many at a time.
    #[error("{0}")]
    Now(String),
    /// Until the person writes again.
    #[error("it takes nothing for this person until they write again")]
    Shut,
    /// For now: it does not know the token, with its own number. A fresh one that it does not know either means that
    /// the account's secret is wrong, which is for the operator to mend and loses nothing.
    #[error("it refuses the account's secret or token ({0})")]
    Token(Told),
    /// For ever.
    #[error("{0}")]
    Never(&'static str),
    /// For ever, with the provider's own number.
    #[error("the provider's error {0}")]
    Code(Told),
}

/// What of ours a send needs.
pub(super) struct Provider<'a> {
    pub(super) uploads: &'a Uploads,
    pub(super) clock: &'a Clock,
}

impl Provider<'_> {
    /// The bytes of a file of ours, if it has at most `limit`.
    pub(super) async fn bytes(&self, file: FileId, limit: u64) -> Result<Vec<u8>, Failed> {
        let gone = |_| Failed::Never("the file is not there any more");
        let kept = self.uploads.get(file).await.map_err(gone)?;
        if kept.stored.size > limit {
            return Err(Failed::Never("the file is larger than the channel takes"));
        }
        self.uploads.read(file).await.map_err(gone)
    }
}

/// The client. It is made with the first request: it needs the process's TLS provider.
pub(super) fn client() -> Result<&'static Client, Failed> {
    static CLIENT: OnceLock<Result<Client, String>> = OnceLock::new();
    let make = || {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .user_agent(concat!("ngcc/", env!("CARGO_PKG_VERSION")));
        client.build().map_err(|error| error.to_string())
    };
    CLIENT.get_or_init(make).as_ref().map_err(|error| Failed::Now(error.clone()))
}

/// Asks; the address may hold a token, so it stands in no reason.
pub(super) async fn ask(request: RequestBuilder) -> Result<Response, Failed> {
    request.send().await.map_err(|error| Failed::Now(cause(error)))
}

/// Why nothing came of a request: the last cause says what the others only wrap.
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let (mut last, mut within) = (error.to_string(), error.source());
    while let Some(cause) = within {
        last = cause.to_string();
        within = cause.source();
    }
    if error.is_timeout() {
        "it did not answer in time".to_owned()
    } else {
        format!("it is not reached: {last}")
    }
}

/// The whole answer, at most `limit` bytes of it.
pub(super) async fn whole(mut answer: Response, limit: u64) -> Result<Vec<u8>, Failed> {
    let mut body = Vec::new();
    loop {
        let piece = answer.chunk().await.map_err(|error| Failed::Now(error.without_url().to_string()))?;
        let Some(piece) = piece else { return Ok(body) };
        if body.len() as u64 + piece.len() as u64 > limit {
            return Err(Failed::Never("the provider's answer is too long"));
        }
        body.extend_from_slice(&piece);
    }
}

/// The answer as text, unless the provider is busy or broken.
pub(super) async fn text(answer: Response) -> Result<String, Failed> {
    let status = answer.status();
    if status.is_server_error() || status.as_u16() == 429 {
        return Err(Failed::Now(format!("the provider answered {status}")));
    }
    let body = whole(answer, MAX_ANSWER as u64).await?;
    String::from_utf8(body).map_err(|_| Failed::Now(format!("the provider answered {status} and no text")))
}

/// A form with a file (RFC 7578): the media type of the whole, and its bytes. The file is the part `part`, with its name
/// and media type.
pub(super) fn multipart(
    fields: &[(&str, &str)],
    (part, name, mime): (&str, &str, &str),
    bytes: &[u8],
) -> (String, Vec<u8>) {
    let border = "ngcc-5bQ2hYk0w8vT1d";
    let name: String = name.chars().filter(|c| !matches!(c, '"' | '\\' | '\r' | '\n')).collect();
    let mut head = String::new();
    for (field, value) in fields {
        head.push_str(&format!(
            "--{border}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
        ));
    }
    head.push_str(&format!(
        "--{border}\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{name}\"\r\nContent-Type: {mime}\r\n\r\n"
    ));
    let body = [head.as_bytes(), bytes, format!("\r\n--{border}--\r\n").as_bytes()].concat();
    (format!("multipart/form-data; boundary={border}"), body)
}

/// The answer as JSON, whatever media type it claims.
pub(super) async fn json(answer: Response) -> Result<serde_json::Value, Failed> {
    let status = answer.status();
    let body = text(answer).await?;
    serde_json::from_str(&body)
        .map_err(|_| Failed::Now(format!("the provider answered {status} and no JSON")))
}
