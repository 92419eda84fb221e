//! The lite side of ICE (RFC 8445 section 2.5): it answers checks, and sends where the browser, which controls, says.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::BytesMut;
use ngcc_ivr_core::worker::IceKeys;
use rtc::crypto::RTCCryptoProvider;
use rtc::stun::attributes::{ATTR_USE_CANDIDATE, ATTR_USERNAME};
use rtc::stun::fingerprint::FINGERPRINT;
use rtc::stun::integrity::MessageIntegrity;
use rtc::stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Message};
use rtc::stun::xoraddr::XorMappedAddress;

/// The most addresses a browser is known under; the oldest gives way.
const MAX_KNOWN: usize = 8;

/// See the module.
pub(super) struct Ice {
    keys: IceKeys,
    theirs: String,
    known: Vec<SocketAddr>,
    chosen: Option<SocketAddr>,
    provider: Arc<dyn RTCCryptoProvider>,
}

impl Ice {
    pub(super) fn new(keys: IceKeys, theirs: String, provider: Arc<dyn RTCCryptoProvider>) -> Self {
        Self { keys, theirs, known: vec![], chosen: None, provider }
    }

    /// Other credentials from now on; packets go where they went until the browser says otherwise.
    pub(super) fn restart(&mut self, keys: IceKeys, theirs: String) {
        (self.keys, self.theirs) = (keys, theirs);
    }

    /// Whether a check has come from `from`.
    pub(super) fn knows(&self, from: SocketAddr) -> bool {
        self.known.contains(&from)
    }

    /// Where to send.
    pub(super) fn chosen(&self) -> Option<SocketAddr> {
        self.chosen
    }

    /// The answer to a check that proves to be the browser's; anything else is not answered at all.
    pub(super) fn check(&mut self, from: SocketAddr, datagram: &[u8]) -> Option<BytesMut> {
        let mut request = Message::new();
        request.unmarshal_binary(datagram).ok()?;
        let expected = format!("{}:{}", self.keys.ufrag, self.theirs);
        if request.typ != BINDING_REQUEST || request.get(ATTR_USERNAME).ok()? != expected.as_bytes() {
            return None;
        }
        let password = self.keys.password.expose();
        let crypto = self.provider.crypto();
        MessageIntegrity::check(&mut request, password.as_bytes(), crypto).ok()?;
        let mut reply = Message::new();
        let built = reply.build(&[
            Box::new(request.clone()),
            Box::new(BINDING_SUCCESS),
            Box::new(XorMappedAddress { ip: from.ip(), port: from.port() }),
            Box::new(MessageIntegrity::new_short_term_integrity_with_provider(password.to_owned(), crypto)),
            Box::new(FINGERPRINT),
        ]);
        built.ok()?;
        self.learn(from, request.contains(ATTR_USE_CANDIDATE));
        Some(BytesMut::from(&reply.raw[..]))
    }

    fn learn(&mut self, from: SocketAddr, nominated: bool) {
        if !self.knows(from) {
            if self.known.len() == MAX_KNOWN {
                self.known.remove(0);
            }
            self.known.push(from);
        }
        if nominated || self.chosen.is_none() {
            self.chosen = Some(from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ngcc_proto::Secret;
    use rtc::stun::message::TransactionId;
    use rtc::stun::textattrs::Username;

    fn ice() -> Ice {
        let keys = IceKeys { ufrag: "ours".into(), password: Secret::new("the password of ours") };
        Ice::new(keys, "theirs".into(), rtc::crypto::default_provider().unwrap())
    }

    fn check(user: &str, password: &str, nominates: bool) -> Vec<u8> {
        let provider = rtc::crypto::default_provider().unwrap();
        let mut message = Message::new();
        let mut setters: Vec<Box<dyn rtc::stun::message::Setter + '_>> = vec![
            Box::new(BINDING_REQUEST),
            Box::new(TransactionId::new()),
            Box::new(Username::new(ATTR_USERNAME, user.to_owned())),
        ];
        if nominates {
            setters.push(Box::new(rtc::stun::attributes::RawAttribute {
                typ: ATTR_USE_CANDIDATE,
                length: 0,
                value: vec![],
            }));
        }
        setters.push(Box::new(MessageIntegrity::new_short_term_integrity_with_provider(
            password.to_owned(),
            provider.crypto(),
        )));
        message.build(&setters).unwrap();
        message.raw.clone()
    }

    const HERE: &str = "192.0.2.1:4000";
    const THERE: &str = "192.0.2.2:5000";

    #[test]
    fn a_check_without_the_password_or_the_name_is_not_answered_and_moves_nothing() {
        let mut ice = ice();
        let from = THERE.parse().unwrap();
        assert!(ice.check(from, &check("ours:theirs", "a guess", true)).is_none());
        assert!(ice.check(from, &check("ours:others", "the password of ours", true)).is_none());
        assert!(ice.check(from, b"\0\x01 no stun at all").is_none());
        assert!(!ice.knows(from) && ice.chosen().is_none());
    }

    #[test]
    fn packets_go_where_the_browser_nominates() {
        let mut ice = ice();
        let (here, there) = (HERE.parse().unwrap(), THERE.parse().unwrap());
        assert!(ice.check(here, &check("ours:theirs", "the password of ours", false)).is_some());
        assert_eq!(ice.chosen(), Some(here), "the first that works, until one is nominated");
        assert!(ice.check(there, &check("ours:theirs", "the password of ours", false)).is_some());
        assert_eq!(ice.chosen(), Some(here));
        assert!(ice.check(there, &check("ours:theirs", "the password of ours", true)).is_some());
        assert_eq!(ice.chosen(), Some(there));
    }

    #[test]
    fn a_browser_is_known_under_a_bounded_number_of_addresses() {
        let mut ice = ice();
        for port in 0..100 {
            let from = SocketAddr::from(([192, 0, 2, 1], 1000 + port));
            ice.check(from, &check("ours:theirs", "the password of ours", false)).unwrap();
        }
        assert_eq!(ice.known.len(), MAX_KNOWN);
    }
}
