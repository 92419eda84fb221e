//! The routes that tell of the house.

use std::io;

use ngcc_runtime::{House, Settings, health_router, metrics_router};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Serves and asks once: status line and body.
async fn get(router: axum::Router, path: &str) -> io::Result<(String, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stream = TcpStream::connect(listener.local_addr()?).await?;
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    server.abort();
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
    Ok((head.lines().next().unwrap_or_default().to_owned(), body.to_owned()))
}

#[tokio::test]
async fn readyz_tells_each_role_and_turns_with_the_last_of_them_and_with_the_stop() {
    let dir = std::env::temp_dir().join(format!("ngcc-health-{}", std::process::id()));
    let house = House::open(Settings::at(&dir)).unwrap();
    house.expect("access");
    house.expect("cti");
    house.ready("cti");
    assert_eq!(
        get(health_router(&house), "/healthz").await.unwrap(),
        ("HTTP/1.1 200 OK".to_owned(), "ok\n".to_owned())
    );
    let (status, body) = get(health_router(&house), "/readyz").await.unwrap();
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(body, r#"{"ready":false,"roles":{"access":false,"cti":true}}"#);
    house.ready("access");
    assert_eq!(get(health_router(&house), "/readyz").await.unwrap().0, "HTTP/1.1 200 OK");
    house.stop.begin();
    assert_eq!(get(health_router(&house), "/readyz").await.unwrap().0, "HTTP/1.1 503 Service Unavailable");
    let (status, text) = get(metrics_router(), "/metrics").await.unwrap();
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(text.contains("process_open_fds "), "{text}");
    let _ = std::fs::remove_dir_all(dir);
}
