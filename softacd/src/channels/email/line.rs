//! A connection to a server of mail, with or without TLS. Whose certificates are believed is the machine's business.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ngcc_proto::config::{Guarded, MailHost};
use rustls_platform_verifier::ConfigVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::super::provider::Failed;

/// How long a connection, and how long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Bytes both ways.
pub(super) trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// Connects; by TLS where that is from the first byte on.
pub(super) async fn connect(host: &MailHost) -> Result<Box<dyn Line>, Failed> {
    let connecting = timeout(PATIENCE, TcpStream::connect((host.host.as_str(), host.port)));
    let stream = connecting.await.map_err(|_| Failed::Now("no connection in time".to_owned()))?;
    let stream = stream.map_err(|error| Failed::Now(format!("no connection: {error}")))?;
    // Commands are short, and each is waited for.
    let _ = stream.set_nodelay(true);
    match host.guarded {
        Guarded::Tls => secure(Box::new(stream), &host.host).await,
        Guarded::StartTls | Guarded::Here => Ok(Box::new(stream)),
    }
}

/// Goes over to TLS.
pub(super) async fn secure(line: Box<dyn Line>, host: &str) -> Result<Box<dyn Line>, Failed> {
    let failed = |error: String| Failed::Now(format!("no TLS: {error}"));
    let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(error.to_string()))?;
    let handshake = TlsConnector::from(config()?).connect(name, line);
    let line = timeout(PATIENCE, handshake).await.map_err(|_| failed("it takes too long".to_owned()))?;
    Ok(Box::new(line.map_err(|error| failed(error.to_string()))?))
}

/// Made with the first connection: it needs the process's TLS provider.
fn config() -> Result<Arc<ClientConfig>, Failed> {
    static CONFIG: OnceLock<Result<Arc<ClientConfig>, String>> = OnceLock::new();
    let make = || ClientConfig::with_platform_verifier().map(Arc::new).map_err(|error| error.to_string());
    CONFIG.get_or_init(make).clone().map_err(Failed::Now)
}
