//! SRTP and SRTCP both ways (RFC 3711), keyed by the handshake (RFC 5764).

use bytes::BytesMut;
use ngcc_ivr_core::media::Channel;
use rtc::crypto::RTCCrypto;
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::dtls::state::State;
use rtc::srtp::config::{Config, LABEL_EXTRACTOR_DTLS_SRTP};
use rtc::srtp::context::Context;
use rtc::srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc::srtp::protection_profile::ProtectionProfile;

use super::PeerError;

/// How late a packet may be and still be taken, in packets: a burst of pictures is longer than a word of bits.
const REPLAY_WINDOW: usize = 256;
/// How many sources a browser may have. Each costs memory from its first packet on, before that proves genuine.
const MAX_SOURCES: usize = 16;
/// How many packets of unknown sources may prove false before no new source is listened to.
const MAX_FALSE: u32 = 1000;

/// See the module.
pub(super) struct Srtp {
    inbound: Context,
    outbound: Context,
    sources: Vec<u32>,
    falsehoods: u32,
}

impl Srtp {
    /// The keys a finished handshake has agreed.
    ///
    /// # Errors
    /// When it agreed no protection we know.
    pub(super) fn new(state: &State, crypto: &dyn RTCCrypto) -> Result<Self, PeerError> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the crate's enum is open")]
        let profile = match state.srtp_protection_profile() {
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => ProtectionProfile::AeadAes128Gcm,
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
            other => return Err(PeerError(format!("no SRTP profile: {other:?}"))),
        };
        let mut config = Config { profile, ..Config::default() };
        let length = config.keying_material_len();
        let material = state.export_keying_material(LABEL_EXTRACTOR_DTLS_SRTP, &[], length)?;
        config.set_session_keys_from_keying_material(material.as_ref(), state.is_client())?;
        let keys = &config.keys;
        let inbound = Context::new(
            &keys.remote_master_key,
            &keys.remote_master_salt,
            profile,
            Some(srtp_replay_protection(REPLAY_WINDOW)),
            Some(srtcp_replay_protection(REPLAY_WINDOW)),
            crypto,
        )?;
        let (key, salt) = (&keys.local_master_key, &keys.local_master_salt);
        let outbound = Context::new(key, salt, profile, None, None, crypto)?;
        Ok(Self { inbound, outbound, sources: vec![], falsehoods: 0 })
    }

    /// What a packet of the browser says; none if it is not the browser's, or came before.
    pub(super) fn unprotect(&mut self, channel: Channel, packet: &[u8]) -> Option<BytesMut> {
        let at = match channel {
            Channel::Rtp => 8..12,
            Channel::Rtcp => 4..8,
        };
        let source = u32::from_be_bytes(packet.get(at)?.try_into().ok()?);
        let known = self.sources.contains(&source);
        if !known && (self.sources.len() >= MAX_SOURCES || self.falsehoods >= MAX_FALSE) {
            return None;
        }
        let said = match channel {
            Channel::Rtp => self.inbound.decrypt_rtp(packet),
            Channel::Rtcp => self.inbound.decrypt_rtcp(packet),
        };
        match (said, known) {
            (Ok(said), true) => Some(said),
            (Ok(said), false) => {
                self.sources.push(source);
                Some(said)
            }
            (Err(_), true) => None,
            (Err(_), false) => {
                self.falsehoods += 1;
                None
            }
        }
    }

    /// A packet of ours as it goes on the wire.
    pub(super) fn protect(&mut self, channel: Channel, packet: &[u8]) -> Option<BytesMut> {
        match channel {
            Channel::Rtp => self.outbound.encrypt_rtp(packet).ok(),
            Channel::Rtcp => self.outbound.encrypt_rtcp(packet).ok(),
        }
    }
}
