//! The DTLS handshake of one connection, with the browser's certificate checked against the fingerprint its offer named
//! (RFC 8122): without a match there are no keys, so nothing is heard.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use rtc::crypto::RTCCryptoProvider;
use rtc::dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc::dtls::crypto::Certificate;
use rtc::dtls::endpoint::{Endpoint, EndpointEvent};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::shared::TransportProtocol;
use rtc::shared::error::Error;
use sha2::{Digest, Sha256};

use super::PeerError;
use super::srtp::Srtp;

/// The certificate that every browser is shown, made anew with every start.
pub(crate) struct Identity {
    certificate: Certificate,
    fingerprint: String,
    provider: Arc<dyn RTCCryptoProvider>,
}

impl Identity {
    /// Makes one.
    ///
    /// # Errors
    /// When there is no cryptography to make it with.
    pub(crate) fn generate() -> Result<Self, PeerError> {
        let provider = rtc::crypto::default_provider()?;
        let certificate = Certificate::generate_self_signed(vec!["ngcc".to_owned()], provider.crypto())?;
        let der = certificate.certificate.first().ok_or_else(|| PeerError("no certificate".to_owned()))?;
        let parts: Vec<String> = Sha256::digest(der).iter().map(|byte| format!("{byte:02X}")).collect();
        Ok(Self { fingerprint: parts.join(":"), certificate, provider })
    }

    /// SHA-256 of it, as `a=fingerprint` has it.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(super) fn provider(&self) -> Arc<dyn RTCCryptoProvider> {
        Arc::clone(&self.provider)
    }
}

/// What came of a step.
pub(super) enum Shaken {
    /// Nothing yet, or nothing new.
    Waits,
    /// The browser has proved itself: its keys.
    Done(Box<Srtp>),
    /// It has not.
    Refused(String),
    /// It takes its leave.
    Left,
}

/// See the module.
pub(super) struct Dtls {
    endpoint: Endpoint,
    /// What we begin with, until we did.
    client: Option<Arc<HandshakeConfig>>,
    provider: Arc<dyn RTCCryptoProvider>,
    over: bool,
}

/// ICE knows where the browser is; to DTLS it is always here, so that a change of address is none. A port it has to have.
const TUNNEL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 9);

impl Dtls {
    /// # Errors
    /// When the handshake cannot be configured.
    pub(super) fn new(identity: &Identity, expected: Vec<[u8; 32]>, active: bool) -> Result<Self, PeerError> {
        let profiles = vec![
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
        ];
        let config = ConfigBuilder::default()
            .with_crypto_provider(identity.provider())
            .with_certificates(vec![identity.certificate.clone()])
            .with_srtp_protection_profiles(profiles)
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            // No authority signs these certificates: the fingerprint below is what is verified.
            .with_insecure_skip_verify(true)
            .with_verify_peer_certificate(Some(Arc::new(move |chain: &[Vec<u8>], _: &[_]| {
                let shown = chain.first().map(|der| <[u8; 32]>::from(Sha256::digest(der)));
                match shown.is_some_and(|shown| expected.contains(&shown)) {
                    true => Ok(()),
                    false => Err(Error::ErrNoMatchingCertificateFingerprint),
                }
            })))
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .build(active, None)?;
        let config = Arc::new(config);
        let (client, server) = if active { (Some(config), None) } else { (None, Some(config)) };
        let endpoint = Endpoint::new(TUNNEL, TransportProtocol::UDP, server);
        Ok(Self { endpoint, client, provider: identity.provider(), over: false })
    }

    /// The browser is there: begins, if that is for us to do and not done yet.
    pub(super) fn begin(&mut self) -> (Vec<BytesMut>, Shaken) {
        let Some(config) = self.client.take() else { return (vec![], Shaken::Waits) };
        let begun = self.endpoint.connect(Instant::now(), TUNNEL, config, None);
        (self.sent(), refusal(begun))
    }

    /// Takes a datagram.
    pub(super) fn read(&mut self, datagram: &[u8]) -> (Vec<BytesMut>, Shaken) {
        if self.over {
            return (vec![], Shaken::Waits);
        }
        let read = self.endpoint.read(Instant::now(), TUNNEL, None, BytesMut::from(datagram));
        let sent = self.sent();
        let shaken = match read {
            Ok(events) => self.events(events),
            Err(Error::ErrNoMatchingCertificateFingerprint) => {
                Shaken::Refused("another certificate than its offer named".to_owned())
            }
            // Anybody who knows the address may send what is no DTLS: the handshake waits for what is.
            Err(error) => {
                tracing::debug!(%error, "a DTLS datagram is not taken");
                Shaken::Waits
            }
        };
        self.over |= matches!(shaken, Shaken::Refused(_) | Shaken::Left);
        (sent, shaken)
    }

    /// Repeats what was not answered in time.
    pub(super) fn time(&mut self) -> (Vec<BytesMut>, Shaken) {
        let now = Instant::now();
        if self.over || self.endpoint.poll_timeout(&TUNNEL).is_none_or(|at| at > now) {
            return (vec![], Shaken::Waits);
        }
        let timed = self.endpoint.handle_timeout(TUNNEL, now);
        (self.sent(), refusal(timed))
    }

    /// Says good-bye.
    pub(super) fn close(&mut self) -> Vec<BytesMut> {
        self.over = true;
        if let Err(error) = self.endpoint.close(Instant::now()) {
            tracing::debug!(%error, "a DTLS connection does not close");
        }
        self.sent()
    }

    fn events(&mut self, events: Vec<EndpointEvent>) -> Shaken {
        let mut shaken = Shaken::Waits;
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => {
                    let Some(state) = self.endpoint.get_connection_state(TUNNEL) else { continue };
                    shaken = match Srtp::new(state, self.provider.crypto()) {
                        Ok(srtp) => Shaken::Done(Box::new(srtp)),
                        Err(error) => Shaken::Refused(error.to_string()),
                    };
                }
                EndpointEvent::PeerClosed => return Shaken::Left,
                // Data channels are not offered.
                EndpointEvent::ApplicationData(_) => {}
                // The crate's enum is open.
                _ => {}
            }
        }
        shaken
    }

    fn sent(&mut self) -> Vec<BytesMut> {
        std::iter::from_fn(|| self.endpoint.poll_transmit().map(|sent| sent.message)).collect()
    }
}

fn refusal(result: Result<(), Error>) -> Shaken {
    match result {
        Ok(()) => Shaken::Waits,
        Err(error) => Shaken::Refused(error.to_string()),
    }
}
