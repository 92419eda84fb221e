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
    (Web::new(WebSettings { allow: allow.to_vec() }, inbox), outlet)
}

async fn ask(web: &Web, outlet: &mut Outlet<Input>, url: String, body: Option<&str>) -> Fetched {
    let timeout = Duration::from_secs(5);
    web.fetch(1, Fetch { url, body: body.map(str::to_owned), timeout });
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
    web.fetch(1, Fetch { url: format!("http://127.0.0.1:{port}/"), body: None, timeout });
    let mut inputs = Vec::new();
    outlet.take(&mut inputs, 1).await;
    assert!(matches!(inputs[0], Input::Fetched { fetched: Fetched::TimedOut, .. }), "{inputs:?}");
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
