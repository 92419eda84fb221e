//! The `http` verb's way out, against a server on loopback.

use super::*;
use std::time::Duration;

use ngcc_runtime::inbox::Outlet;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A web server that gives `answer` to everybody, and the first bytes it was sent.
async fn server(answer: Vec<u8>) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 4096];
        let len = socket.read(&mut asked).await.unwrap();
        // A client that has read enough closes early.
        let _ = socket.write_all(&answer).await;
        if answer.is_empty() {
            let _ = socket.read(&mut [0]).await;
        }
        String::from_utf8_lossy(&asked[..len]).into_owned()
    });
    (port, task)
}

fn web(name: &'static str, allow: &[String]) -> (Web, Outlet<Input>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (inbox, outlet) = Inbox::new(name, 100);
    (Web::new(WebSettings { allow: allow.to_vec() }, Clock::open(&std::env::temp_dir()), inbox), outlet)
}

async fn ask(web: &Web, outlet: &mut Outlet<Input>, url: String, body: Option<&str>) -> Fetched {
    let timeout = Duration::from_secs(5);
    fetched(web, outlet, Fetch { url, body: body.map(Secret::new), timeout, signed: None }).await
}

async fn fetched(web: &Web, outlet: &mut Outlet<Input>, fetch: Fetch) -> Fetched {
    web.fetch(1, fetch);
    let mut inputs = Vec::new();
    outlet.take(&mut inputs, 1).await;
    let input = inputs.remove(0);
    let Input::Fetched { ask: 1, fetched } = input else { panic!("{input:?}") };
    fetched
}

#[tokio::test]
async fn an_allowed_host_is_asked_and_its_answer_comes_back() {
    let (port, asked) = server(b"HTTP/1.1 201 Made\r\nContent-Length: 7\r\n\r\n{\"a\":1}".to_vec()).await;
    let (web, mut outlet) = web("web-post", &[format!("127.0.0.1:{port}")]);
    let answer = ask(&web, &mut outlet, format!("http://127.0.0.1:{port}/x?y=1"), Some("{}")).await;
    assert_eq!(answer, Fetched::Answer { status: 201, body: "{\"a\":1}".to_owned() });
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("POST /x?y=1 HTTP/1.1\r\n") && asked.contains("application/json"), "{asked}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n".to_vec();
    let (port, _asked) = server(answer).await;
    let (web, mut outlet) = web("web-redirect", &[format!("127.0.0.1:{port}")]);
    let answer = ask(&web, &mut outlet, format!("http://127.0.0.1:{port}/"), None).await;
    assert_eq!(answer, Fetched::Answer { status: 302, body: String::new() });
}

#[tokio::test]
async fn an_answer_that_is_too_long_or_never_comes_is_given_up() {
    let mut long = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    long.extend(vec![b'x'; MAX_ANSWER + 1]);
    let (port, _asked) = server(long).await;
    let (web, mut outlet) = web("web-long", &["127.0.0.1".to_owned(), format!("127.0.0.1:{port}")]);
    let answer = ask(&web, &mut outlet, format!("http://127.0.0.1:{port}/"), None).await;
    assert_eq!(answer, Fetched::Failed("the web server's answer is longer than 64 KiB".to_owned()));

    let (port, _asked) = server(Vec::new()).await;
    let (web, mut outlet) = self::web("web-late", &[format!("127.0.0.1:{port}")]);
    let timeout = Duration::from_millis(200);
    web.fetch(1, Fetch { url: format!("http://127.0.0.1:{port}/"), body: None, timeout, signed: None });
    let mut inputs = Vec::new();
    outlet.take(&mut inputs, 1).await;
    assert!(matches!(inputs[0], Input::Fetched { fetched: Fetched::TimedOut, .. }), "{inputs:?}");
}

/// A bot that gives these answers one after the other, and the heads and bodies of what it was posted.
async fn bot(answers: Vec<&'static [u8]>) -> (u16, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let mut posted = Vec::new();
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut asked = vec![0; 4096];
            let len = socket.read(&mut asked).await.unwrap();
            posted.push(String::from_utf8_lossy(&asked[..len]).into_owned());
            socket.write_all(answer).await.unwrap();
        }
        posted
    });
    (port, task)
}

fn to_bot(port: u16, seconds: u64) -> Fetch {
    let signed =
        Signed { id: "run-m1".to_owned(), secret: Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") };
    let (url, timeout) = (format!("http://127.0.0.1:{port}/bot"), Duration::from_secs(seconds));
    Fetch { url, body: Some(Secret::new("{}")), timeout, signed: Some(signed) }
}

/// What a header of a request says.
fn header_of<'a>(request: &'a str, name: &str) -> &'a str {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).expect(name)
}

#[tokio::test]
async fn a_bot_that_is_not_able_is_asked_again_under_the_same_id_and_by_its_signature() {
    let busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    // The second connection is dropped without a word.
    let (port, posted) = bot(vec![busy, b"", good]).await;
    let (web, mut outlet) = web("web-bot", &[]);
    let answer = fetched(&web, &mut outlet, to_bot(port, 10)).await;
    assert_eq!(answer, Fetched::Answer { status: 200, body: "{}".to_owned() }, "no list of hosts is asked");
    let posted = posted.await.unwrap();
    assert_eq!(posted.len(), 3);
    let key = WebhookKey::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    for request in &posted {
        assert!(
            request.starts_with("POST /bot HTTP/1.1\r\n") && request.ends_with("\r\n\r\n{}"),
            "{request}"
        );
        assert_eq!(header_of(request, "webhook-id"), "run-m1");
        let right = key.sign("run-m1", header_of(request, "webhook-timestamp"), b"{}");
        assert_eq!(header_of(request, "webhook-signature"), right);
    }
}

#[tokio::test]
async fn a_bot_that_refuses_is_not_asked_again_and_one_that_is_never_able_not_for_ever() {
    let refuses = b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n";
    let (port, posted) = bot(vec![refuses]).await;
    let (web, mut outlet) = web("web-bot-no", &[]);
    let answer = fetched(&web, &mut outlet, to_bot(port, 10)).await;
    assert_eq!(answer, Fetched::Answer { status: 400, body: String::new() });
    assert_eq!(posted.await.unwrap().len(), 1);

    // Nobody listens there any more.
    let gone = fetched(&web, &mut outlet, to_bot(port, 1)).await;
    assert!(matches!(gone, Fetched::Failed(_)), "{gone:?}");
}

#[test]
fn only_what_is_listed_is_allowed() {
    let (web, _outlet) = web("web-allow", &["crm.example".to_owned(), "10.0.0.1:8080".to_owned()]);
    let allowed = |url: &str| web.shared.allowed(url).is_ok();
    for url in
        ["http://crm.example/", "https://CRM.example/x", "https://crm.example:443/", "http://10.0.0.1:8080/"]
    {
        assert!(allowed(url), "{url}");
    }
    for url in [
        "http://10.0.0.1/",
        "http://crm.example:8080/",
        "http://crm.example.evil/",
        "http://crm.example@evil/",
        "http://u:p@crm.example/",
        "http://127.0.0.1/",
        "http://169.254.169.254/",
        "ftp://crm.example/",
        "nonsense",
    ] {
        assert!(!allowed(url), "{url}");
    }
    let (nothing, _outlet) = self::web("web-nothing", &[]);
    let why = nothing.shared.allowed("http://crm.example/").unwrap_err();
    assert_eq!(why, "flows may not ask `crm.example:80`: it is not in the list of allowed hosts");
}
