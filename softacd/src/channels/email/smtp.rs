//! Handing a letter to the server that sends it on (RFC 6409). What it says before it is handed anything is the
//! operator's to mend and loses nothing; what it says of the letter is final where it says so.

use std::error::Error as _;
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use ngcc_proto::Secret;
use ngcc_proto::config::{Guarded, MailHost};

use super::super::provider::{Failed, Told};

/// How long each answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How it signs in: whichever the server knows.
const WAYS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// Hands `letter` over.
pub(super) async fn hand_over(
    host: &MailHost,
    (user, password): (&str, &Secret),
    domain: &str,
    letter: &Message,
) -> Result<(), Failed> {
    let mut line = open(host, (user, password), domain).await?;
    let handed = line.send(letter.envelope(), &letter.formatted()).await;
    line.abort().await;
    let Err(error) = handed else { return Ok(()) };
    match error.status() {
        Some(code) if error.is_permanent() => Err(Failed::Code(i64::from(u16::from(code)).into())),
        None if error.is_client() => Err(Failed::Never("the server cannot take such an address")),
        Some(_) | None => Err(later(&error)),
    }
}

async fn open(
    host: &MailHost,
    (user, password): (&str, &Secret),
    domain: &str,
) -> Result<AsyncSmtpConnection, Failed> {
    // It is made of the machine's certificates.
    let tls = || TlsParameters::new(host.host.clone()).map_err(|error| later(&error));
    let ascii = !domain.is_empty() && domain.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    let hello = if ascii { ClientId::Domain(domain.to_owned()) } else { ClientId::default() };
    let wrapped = match host.guarded {
        Guarded::Tls => Some(tls()?),
        Guarded::StartTls | Guarded::Here => None,
    };
    let at = (host.host.as_str(), host.port);
    let connecting = AsyncSmtpConnection::connect_tokio1(at, Some(PATIENCE), &hello, wrapped, None);
    let mut line = connecting.await.map_err(|error| later(&error))?;
    if host.guarded == Guarded::StartTls {
        line.starttls(tls()?, &hello).await.map_err(|error| later(&error))?;
    }
    let asks = line.server_info().get_auth_mechanism(&WAYS).is_some();
    // A relay on this machine may know its own.
    if asks || host.guarded != Guarded::Here {
        let signed_in =
            line.auth(&WAYS, &Credentials::new(user.to_owned(), password.expose().to_owned())).await;
        signed_in.map_err(|error| match error.status() {
            Some(code) if error.is_permanent() => {
                let words = error.source().map(ToString::to_string);
                Failed::Token(Told::new(u16::from(code).into(), words.as_deref()))
            }
            Some(_) | None => later(&error),
        })?;
    }
    Ok(line)
}

/// What may be tried again. What a server says beside its number may hold anything, addresses too.
fn later(error: &lettre::transport::smtp::Error) -> Failed {
    Failed::Now(match error.status() {
        Some(code) => format!("the server answered {code}"),
        None if error.is_timeout() => "the server takes too long".to_owned(),
        None if error.is_tls() => "no TLS to the server".to_owned(),
        None => "no connection to the server, or it is lost".to_owned(),
    })
}
