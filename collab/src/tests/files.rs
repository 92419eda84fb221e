//! Files of a tray over real requests: who may, how large, and what lies on the disk afterwards.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// The most bytes of one file here.
const LARGEST: u64 = 1000;

async fn open_at(place: PathBuf) -> Centre {
    Centre::open_with(place, |settings| settings.limits.file_bytes = LARGEST).await
}

async fn open(name: &str) -> Centre {
    open_at(std::env::temp_dir().join(format!("ngcc-collab-{name}-{}", std::process::id()))).await
}

/// One request; its status, its head in lower case, and its body.
async fn http(at: SocketAddr, head: &str, ticket: &Ticket, body: &[u8]) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let Ticket(ticket) = ticket;
    let request = format!(
        "{head}\r\nHost: {at}\r\nAuthorization: Bearer {ticket}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // A server that has refused already may not read the rest.
    let _ = stream.write_all(body).await;
    let mut answer = vec![];
    let _ = timeout(LIMIT, stream.read_to_end(&mut answer)).await.expect("an answer in time");
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a head") + 4;
    let body = answer.split_off(end);
    let head = String::from_utf8(answer).unwrap().to_ascii_lowercase();
    (head[9..12].parse().unwrap(), head, body)
}

fn put(name: &str, origin: &str) -> String {
    format!("POST /collab/{COLLAB}/files?name={name} HTTP/1.1\r\nOrigin: {origin}")
}

fn get(file: &str) -> String {
    format!("GET /collab/{COLLAB}/files/{file} HTTP/1.1\r\nOrigin: {SHOP}")
}

/// The code of a refusal.
fn code(body: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(body).unwrap();
    problem["code"].as_str().unwrap().to_owned()
}

/// What lies in the place of the files.
fn lying(place: &std::path::Path) -> usize {
    std::fs::read_dir(place.join("collab-files")).unwrap().count()
}

/// Waits until nothing lies there any more: files go beside the core.
async fn gone(place: &std::path::Path) {
    let gone = async {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        while lying(place) > 0 {
            look.tick().await;
        }
    };
    timeout(LIMIT, gone).await.expect("the files go in time");
}

#[tokio::test]
async fn a_file_passes_from_one_end_to_the_other_and_goes_with_the_collaboration() {
    let mut centre = open("pass").await;
    let at = centre.at;
    let (customers, agents) = centre.establish(Kind::File, By::Customer).await;
    let mut agent = centre.page(&agents).await;
    assert_eq!(agent.data("ready").await["state"], json!({ "files": [], "largest": LARGEST }));
    let bytes = b"\x89PNG\r\n\x1a\n\x00\xff and more";
    let (status, head, body) = http(at, &put("..%2Fa%3Cb%3E%0A.png", SHOP), &customers, bytes).await;
    assert_eq!(status, 201, "{head}");
    assert!(head.contains(&format!("access-control-allow-origin: {SHOP}")), "{head}");
    let stored: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&stored["name"], &stored["mime"]), (&"a<b>.png".into(), &"image/png".into()));
    let told = agent.data("file").await;
    assert_eq!((&told["file"], &told["by"], &told["n"]), (&stored["file"], &"customer".into(), &1.into()));
    let file = stored["file"].as_str().unwrap();
    let (status, head, body) = http(at, &get(file), &agents, b"").await;
    assert_eq!((status, &body[..]), (200, &bytes[..]), "byte for byte");
    for header in ["nosniff", "sandbox", "cache-control: no-store"] {
        assert!(head.contains(header), "{header}: {head}");
    }
    let (status, head, _) = http(at, &put("note.html", SHOP), &agents, b"<script>x</script>").await;
    assert_eq!(status, 201, "{head}");
    let page = agent.data("file").await;
    assert_eq!(page["mime"], "text/plain", "whatever its name says");
    let (_, head, _) = http(at, &get(page["file"].as_str().unwrap()), &customers, b"").await;
    assert!(head.contains("attachment"), "{head}");
    agent.say("remove", json!({ "file": page["file"] })).await;
    agent.data("removed").await;
    agent.say("leave", json!({})).await;
    assert_eq!(agent.code().await, 4410);
    assert_eq!(http(at, &get(file), &customers, b"").await.0, 401, "it is over");
    gone(&centre.place).await;
    centre.close().await;
}

#[tokio::test]
async fn who_may_not_and_what_is_too_much_is_refused_and_leaves_nothing() {
    let mut centre = open("refuse").await;
    let at = centre.at;
    let (customers, agents) = centre.establish(Kind::File, By::Agent).await;
    for origin in ["null", "https://evil.example", "https://shop.example.evil.com", "http://shop.example"] {
        let (status, _, body) = http(at, &put("a", origin), &customers, b"x").await;
        assert_eq!((status, code(&body)), (403, "origin".to_owned()), "{origin}");
    }
    let without = format!("POST /collab/{COLLAB}/files?name=a HTTP/1.1");
    assert_eq!(http(at, &without, &customers, b"x").await.0, 403, "every page names its origin when it puts");
    for ticket in [Ticket("guessed".to_owned()), Ticket("x".repeat(4000))] {
        let (status, _, body) = http(at, &put("a", SHOP), &ticket, b"x").await;
        assert_eq!((status, code(&body)), (401, "ticket".to_owned()));
    }
    let other = put("a", SHOP).replace(&COLLAB.to_string(), &CollabId(9).to_string());
    assert_eq!(http(at, &other, &customers, b"x").await.0, 401, "a ticket of another collaboration");
    let (status, _, body) = http(at, &put("a", SHOP), &agents, b"x").await;
    assert_eq!((status, code(&body)), (403, "consent".to_owned()));
    let mut customer = centre.page(&customers).await;
    customer.data("ready").await;
    customer.say("consent", json!({ "what": "view", "on": true })).await;
    customer.data("consents").await;
    let large = vec![b'x'; usize::try_from(LARGEST).unwrap() + 1];
    let (status, _, body) = http(at, &put("a", SHOP), &agents, &large).await;
    assert_eq!((status, code(&body)), (413, "too_large".to_owned()));
    let (status, _, body) = http(at, &put("a", SHOP), &agents, b"").await;
    assert_eq!((status, code(&body)), (400, "empty".to_owned()));
    for file in [ngcc_proto::FileId(5).to_string(), "..%2f..%2flock".to_owned()] {
        assert_eq!(http(at, &get(&file), &customers, b"").await.0, 404, "{file}");
    }
    assert_eq!(lying(&centre.place), 0);
    let ask = format!("OPTIONS /collab/{COLLAB}/files HTTP/1.1\r\nOrigin: {SHOP}");
    let (status, head, _) = http(at, &ask, &customers, b"").await;
    assert!(status == 204 && head.contains("access-control-allow-headers: authorization"), "{head}");
    let ask = format!("OPTIONS /collab/{COLLAB}/files HTTP/1.1\r\nOrigin: https://evil.example");
    assert_eq!(http(at, &ask, &customers, b"").await.0, 403);
    centre.close().await;
}

#[tokio::test]
async fn a_start_finds_what_lies_in_trays_and_clears_away_what_lies_in_none() {
    let mut centre = open("start").await;
    let (customers, agents) = centre.establish(Kind::File, By::Customer).await;
    let (status, _, body) = http(centre.at, &put("a.txt", SHOP), &customers, b"kept").await;
    assert_eq!(status, 201);
    let stored: Value = serde_json::from_slice(&body).unwrap();
    let place = centre.stop().await;
    // As a crash leaves it between the bytes and the tray.
    let orphan = ngcc_proto::FileId(77);
    for name in [orphan.to_string(), format!("{orphan}.json"), format!("{orphan}.part")] {
        std::fs::write(place.join("collab-files").join(name), "lost").unwrap();
    }
    let centre = open_at(place).await;
    assert_eq!(lying(&centre.place), 2, "the file, and what is known of it");
    let (status, _, body) = http(centre.at, &get(stored["file"].as_str().unwrap()), &agents, b"").await;
    assert_eq!((status, &body[..]), (200, &b"kept"[..]));
    centre.close().await;
}
