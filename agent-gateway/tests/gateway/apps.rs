//! The web apps and the headers of every answer.

use crate::client::http;
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
