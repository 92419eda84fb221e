//! The HTTP listeners: one for the parts' routers, one for figures, which stays on loopback by default.

use std::net::SocketAddr;

use axum::Router;
use ngcc_runtime::{House, health_router, metrics_router};
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::settings::Http;

/// Where HTTP is served.
pub(super) struct Served {
    /// The parts.
    pub(super) http: SocketAddr,
    /// The figures.
    pub(super) metrics: SocketAddr,
}

/// Opens both listeners.
///
/// # Errors
/// One cannot be bound; the text names the setting.
pub(super) async fn http(settings: &Http, house: &House) -> Result<Served, Failure> {
    let http = open("http.listen", settings.listen, health_router(house), house).await?;
    let metrics = open("http.metrics", settings.metrics, metrics_router(), house).await?;
    Ok(Served { http, metrics })
}

async fn open(key: &str, at: SocketAddr, router: Router, house: &House) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind(at).await.map_err(|e| in_use(key, at, &e))?;
    let local = listener.local_addr().map_err(|e| in_use(key, at, &e))?;
    let stop = house.stop.clone();
    tokio::spawn(async move {
        let served =
            axum::serve(listener, router).with_graceful_shutdown(async move { stop.wait().await }).await;
        if let Err(e) = served {
            tracing::error!(error = %e, address = %local, "an HTTP listener ended");
        }
    });
    Ok(local)
}

/// A listener that cannot be bound, in one line: the port, the setting, and what to do.
pub(super) fn in_use(key: &str, at: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::Start(format!(
        "port {} ({key} = {at}) cannot be bound: {error}; stop what uses it, or take another with --set {key}={}:PORT",
        at.port(),
        at.ip()
    ))
}
