//! The HTTP listeners: plain and TLS for the parts' routers, and one for figures, which stays on loopback by default.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use ngcc_runtime::{House, metrics_router};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::certificate;
use super::doors::{Doors, Peer};
use crate::failure::Failure;
use crate::settings::Settings;

/// Where HTTP is served.
pub(super) struct Served {
    /// The parts.
    pub(super) http: SocketAddr,
    /// The same by TLS, if it is on.
    pub(super) https: Option<SocketAddr>,
    /// The figures.
    pub(super) metrics: SocketAddr,
}

/// Opens the listeners for `router`.
///
/// # Errors
/// One cannot be bound, or the certificate cannot be used; the text names the setting.
pub(super) async fn http(settings: &Settings, router: &Router, house: &House) -> Result<Served, Failure> {
    let tls = match settings.https.on {
        true => Some(TlsAcceptor::from(certificate::tls(&settings.https, &settings.data.dir)?)),
        false => None,
    };
    let http = bind("http.listen", settings.http.listen).await?;
    let https = match tls {
        Some(tls) => Some((bind("https.listen", settings.https.listen).await?, tls)),
        None => None,
    };
    let metrics = bind("http.metrics", settings.http.metrics).await?;
    Ok(Served {
        http: serve(http, None, router.clone(), house)?,
        https: https.map(|(listener, tls)| serve(listener, Some(tls), router.clone(), house)).transpose()?,
        metrics: serve(metrics, None, metrics_router(), house)?,
    })
}

async fn bind(key: &str, at: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(at).await.map_err(|e| in_use(key, at, &e))
}

fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    house: &House,
) -> Result<SocketAddr, Failure> {
    let unusable = Failure::io("an HTTP listener");
    let local = listener.local_addr().map_err(unusable)?;
    let router = told_from(router, tls.is_some());
    let doors = Doors::open(listener, tls, house.stop.clone()).map_err(Failure::io("an HTTP listener"))?;
    let stop = house.stop.clone();
    tokio::spawn(async move {
        let service = router.into_make_service_with_connect_info::<Peer>();
        let served = axum::serve(doors, service).with_graceful_shutdown(async move { stop.wait().await });
        if let Err(e) = served.await {
            tracing::error!(error = %e, address = %local, "an HTTP listener ended");
        }
    });
    Ok(local)
}

/// Tells every request from where it comes, and whether by TLS.
fn told_from(router: Router, tls: bool) -> Router {
    router.layer(map_request(move |mut request: Request| async move {
        let from = request.extensions().get::<ConnectInfo<Peer>>().map(|peer| peer.0.0);
        if let Some(from) = from {
            request.extensions_mut().insert(ConnectInfo(from));
        }
        if tls {
            request.extensions_mut().insert(ngcc_runtime::Https);
        }
        request
    }))
}

/// A listener that cannot be bound, in one line: the port, the setting, and what to do.
pub(super) fn in_use(key: &str, at: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::Start(format!(
        "port {} ({key} = {at}) cannot be bound: {error}; stop what uses it, or take another with --set {key}={}:PORT",
        at.port(),
        at.ip()
    ))
}
