//! The browser that carries an agent's calls, as the console is one. Its offer is a browser's to the letter; the
//! sound behind it is for the tests with real browsers (web/e2e).

use ngcc_tests::centre::Centre;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::page::Page;

/// What a browser offers of sound.
const OFFER: &str = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 0 8 101\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:4ZcD\r\n\
    a=ice-pwd:2/1muCWoOi3uLifh0NuRHlyC\r\na=fingerprint:sha-256 \
    75:74:5A:A6:A4:E5:52:F4:A7:67:4C:01:C7:EE:91:3F:21:3D:A2:E3:53:7B:6F:30:86:F2:30:AA:65:FB:04:24\r\n\
    a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\n";

/// A browser that carries calls.
pub(crate) struct Browser {
    page: Page,
    /// What it found when it came.
    pub(crate) found: Value,
}

impl Browser {
    /// The agent's page opens its socket for calls.
    pub(crate) async fn of(centre: &Centre, agent: &mut Agent) -> Self {
        agent.page.as_mut().expect("a console").send(&json!({ "type": "rtc.token", "id": "rtc" })).await;
        let token = agent.find("a token", |f| f["type"] == "rtc.token").await["data"]["token"].clone();
        let origin = format!("http://{}", centre.http());
        let mut page = Page::open(centre.http(), "/ws/rtc", Some(&origin)).await.expect("a socket");
        page.send(&json!({ "type": "auth", "data": { "token": token } })).await;
        let ready = page.find("ready", |_| {}, |f| f["type"] == "ready").await;
        Self { page, found: ready["data"]["legs"].clone() }
    }

    async fn told(&mut self, what: &str, leg: &Value) -> Value {
        let told = self.page.find(what, |_| {}, |f| f["type"] == what && f["data"]["leg"] == *leg).await;
        told["data"].clone()
    }

    /// Waits for the next summons.
    pub(crate) async fn summoned(&mut self) -> Value {
        self.page.find("a summons", |_| {}, |f| f["type"] == "leg.summon").await["data"].clone()
    }

    /// Connects a leg that it was summoned to, and waits until it is up.
    pub(crate) async fn connects(&mut self, leg: &Value) {
        self.page.send(&json!({ "type": "leg.offer", "data": { "leg": leg, "sdp": OFFER } })).await;
        let answer = self.told("leg.answer", leg).await;
        let sdp = answer["sdp"].as_str().unwrap_or_default();
        assert!(sdp.contains("a=ice-lite") && sdp.contains("a=fingerprint:"), "{answer}");
        self.told("leg.up", leg).await;
    }

    /// Waits until a leg is over; why.
    pub(crate) async fn bye(&mut self, leg: &Value) -> String {
        self.told("leg.bye", leg).await["cause"].as_str().unwrap_or_default().to_owned()
    }
}
