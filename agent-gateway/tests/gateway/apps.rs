//! The web apps and the headers of every answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ngcc_agent_gateway::{Demo, Simulate, Simulated};
use ngcc_proto::Secret;

use crate::client::{Browser, http};
use crate::world::World;

#[tokio::test]
async fn every_answer_forbids_what_is_inline_foreign_or_framed() {
    let world = World::open("headers").await;
    for path in
        ["/", "/console/", "/console/x.js", "/widget/loader.js", "/api/v1/me", "/api/v1/x", "/nowhere"]
    {
        let answer = http(world.at, "GET", path, &[], "").await;
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{path}"));
        for part in ["default-src 'self'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
        assert!(answer.header("permissions-policy").unwrap().contains("microphone=(self)"), "{path}");
        assert!(answer.header("strict-transport-security").is_none(), "it did not come by TLS");
    }
}

#[tokio::test]
async fn the_console_is_a_page_whatever_stands_behind_it_or_says_how_to_build_it() {
    let world = World::open("console").await;
    let home = http(world.at, "GET", "/", &[], "").await;
    assert_eq!((home.status, home.header("location")), (307, Some("/console/")));
    let (page, deep) = (
        http(world.at, "GET", "/console/", &[], "").await,
        http(world.at, "GET", "/console/a/b", &[], "").await,
    );
    assert_eq!((page.status, &page.text), (deep.status, &deep.text));
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    if page.status == 200 {
        assert_eq!(page.header("cache-control"), Some("no-cache"));
        let known = [("If-None-Match", page.header("etag").unwrap())];
        assert_eq!(http(world.at, "GET", "/console/", &known, "").await.status, 304);
        assert_eq!(http(world.at, "GET", "/console/none.js", &[], "").await.status, 404);
    } else {
        assert!(page.status == 503 && page.text.contains("make ui"), "{page:?}");
    }
    assert_eq!(http(world.at, "GET", "/demo", &[], "").await.status, 404, "there is no demo here");
}

#[tokio::test]
async fn the_demos_links_sign_in_once_and_only_on_this_machines_own_name() {
    let demo = Demo {
        agents: vec!["alice".to_owned(), "bob".to_owned()],
        supervisor: "sue".to_owned(),
        password: Secret::new("right"),
        echo: "1001".to_owned(),
        simulator: None,
    };
    let world = World::with("demo", Some(demo)).await;
    let status = http(world.at, "GET", "/demo/status", &[], "").await;
    assert_eq!(status.header("cache-control"), Some("no-store"));
    let status = status.json();
    assert_eq!((&status["echo"], &status["board"]["sessions"]), (&"1001".into(), &1.into()));
    let link = status["sign_in"]["agent"].as_str().unwrap();
    let entered = http(world.at, "GET", link, &[], "").await;
    assert_eq!((entered.status, entered.header("location")), (307, Some("/console/")));
    let cookie = entered.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(http(world.at, "GET", "/api/v1/me", &[("Cookie", &cookie)], "").await.json()["user"], "alice");
    assert_eq!(http(world.at, "GET", link, &[], "").await.code(), "not_found", "once");

    let alice = Browser::sign_in(world.at, "alice").await;
    let _page = alice.page("/ws/agent").await;
    let next = http(world.at, "GET", "/demo/status", &[], "").await.json();
    let entered = http(world.at, "GET", next["sign_in"]["agent"].as_str().unwrap(), &[], "").await;
    let cookie = entered.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let me = http(world.at, "GET", "/api/v1/me", &[("Cookie", &cookie)], "").await.json();
    assert_eq!(me["user"], "bob", "alice is there already");

    let foreign = [("Origin", "https://evil.example")];
    assert_eq!(http(world.at, "GET", "/demo/status", &foreign, "").await.code(), "forbidden");
    let renamed = crate::client::http_as(world.at, "rebound.example", "/demo/status").await;
    assert_eq!(renamed.code(), "forbidden");
}

/// Two customers fit.
#[derive(Debug, Default)]
struct Bus(AtomicUsize);

impl Simulate for Bus {
    fn some(&self) -> Option<Simulated> {
        let running = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        (running <= 2).then_some(Simulated { started: 1, running, most: 2 })
    }
}

#[tokio::test]
async fn simulated_customers_come_in_the_demo_only_from_this_machine_only_and_not_without_end() {
    let demo = |simulator| Demo {
        agents: vec!["alice".to_owned()],
        supervisor: "sue".to_owned(),
        password: Secret::new("right"),
        echo: "1001".to_owned(),
        simulator,
    };
    let world = World::with("simulate", Some(demo(Some(Arc::new(Bus::default()))))).await;
    assert_eq!(http(world.at, "GET", "/demo/status", &[], "").await.json()["simulate"], true);
    let foreign = [("Origin", "https://evil.example")];
    assert_eq!(http(world.at, "POST", "/demo/simulate", &foreign, "").await.code(), "forbidden");
    for running in 1..=2 {
        let answer = http(world.at, "POST", "/demo/simulate", &[], "").await;
        assert_eq!((answer.status, &answer.json()["running"]), (202, &running.into()));
    }
    let full = http(world.at, "POST", "/demo/simulate", &[], "").await;
    assert_eq!((full.status, full.code()), (409, "refused".to_owned()));

    let without = World::with("no-simulate", Some(demo(None))).await;
    assert_eq!(http(without.at, "GET", "/demo/status", &[], "").await.json()["simulate"], false);
    assert_eq!(http(without.at, "POST", "/demo/simulate", &[], "").await.code(), "not_found");
}
