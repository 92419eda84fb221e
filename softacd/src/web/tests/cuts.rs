//! A chat whose connection is cut at random.

use super::*;

/// What a page keeps over its connections.
struct Memory {
    token: String,
    last_seq: u64,
    session: Option<Value>,
    heard: Vec<String>,
    unacknowledged: std::collections::BTreeMap<u64, String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s0_01_a_web_chat_cut_a_thousand_times_loses_doubles_and_reorders_nothing() {
    const CUTS: u64 = 1000;
    let centre = Centre::open(|web| web.limits.messages = usize::MAX).await;
    let at = centre.at;
    let mut rng = ngcc_proto::Rng::from_u64(11);
    let token = token(at).await;
    let mut page =
        Memory { token, last_seq: 0, session: None, heard: vec![], unacknowledged: Default::default() };
    let mut written = 0;
    for cut in 0..=CUTS {
        let mut client = Client::page(at, &page.token, "shop").await;
        let ready = client.data("ready").await;
        if !ready["session"].is_null() {
            page.session = Some(ready["session"]["id"].clone());
        }
        if let Some(session) = &page.session {
            client.say("resume", None, json!({ "session": session, "last_seq": page.last_seq })).await;
        }
        for (key, text) in &page.unacknowledged {
            client.say("message.send", Some(&format!("k{key}")), json!({ "text": text })).await;
        }
        // No more than a customer may say at once.
        let more = if page.unacknowledged.len() < 10 { rng.below(4) } else { 0 };
        for _ in 0..more {
            written += 1;
            let text = format!("message {written}");
            page.unacknowledged.insert(written, text.clone());
            client.say("message.send", Some(&format!("k{written}")), json!({ "text": text })).await;
        }
        // Somewhere in the middle of what comes back, the connection breaks; the last one hears everything.
        let mut left = if cut == CUTS { u64::MAX } else { rng.below(12) };
        let done =
            |page: &Memory| page.unacknowledged.is_empty() && page.heard.len() as u64 == centre.stored();
        while left > 0 && !(cut == CUTS && done(&page)) {
            left -= 1;
            // On a cut connection there may be nothing more to come.
            let pause = if cut == CUTS { LIMIT } else { Duration::from_millis(5) };
            let Ok(Some(Ok(message))) = timeout(pause, client.0.next()).await else { break };
            if let Message::Text(text) = message {
                hear(&mut page, &serde_json::from_str(&text).unwrap());
            }
        }
        if rng.below(2) == 0 {
            // Half of them end without a word.
            let MaybeTlsStream::Plain(stream) = client.0.get_ref() else { panic!("plain TCP") };
            socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
        }
    }
    assert!(written > 500, "enough is written: {written}");
    let mut sorted: Vec<u64> = page.heard.iter().map(|t| t["message ".len()..].parse().unwrap()).collect();
    assert_eq!(page.last_seq, written, "each is numbered once");
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=written).collect::<Vec<_>>(), "each is there once");
    assert_eq!(page.heard, centre.texts(), "in the order of the store");
    centre.close().await;
}

fn hear(page: &mut Memory, frame: &Value) {
    match frame["type"].as_str().unwrap() {
        "ack" => {
            let key = frame["id"].as_str().unwrap()[1..].parse().unwrap();
            page.unacknowledged.remove(&key);
        }
        "message" => {
            let message = &frame["data"]["message"];
            let seq = message["seq"].as_u64().unwrap();
            assert_eq!(seq, page.last_seq + 1, "the server sends each number once and in order");
            page.last_seq = seq;
            page.heard.push(message["content"]["text"].as_str().unwrap().to_owned());
        }
        "session.opened" => page.session = Some(frame["data"]["session"].clone()),
        "ready" | "replayed" | "status" => {}
        other => panic!("{other} is not expected: {frame}"),
    }
}
