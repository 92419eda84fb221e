//! The roles, started in order: data centre, cti, ivr, collab, and softacd with its sockets last. Here, and nowhere else, the
//! settings file's words become each part's own.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use ngcc_agent_gateway::secured;
use ngcc_proto::Secret;
use ngcc_proto::config::Centre;
use ngcc_runtime::{House, health_router};
use ngcc_softacd::Limits;

use crate::catalogue::demo::{self, PASSWORD};
use crate::cli::BusKind;
use crate::control::PATIENCE;
use crate::control::desk::Desk;
use crate::demo::{Doors, Simulator};
use crate::failure::Failure;
use crate::settings::{Flow, Settings};

/// The roles that no caller reaches directly. They end with the house.
pub(super) struct Parts {
    _cti: ngcc_cti::CtiHandle,
    _ivr: ngcc_ivr::Ivr,
    collab: ngcc_collab::Handle,
    gateway: ngcc_agent_gateway::Gateway,
    simulator: Option<Simulator>,
}

/// Where customers come in.
#[derive(Debug)]
pub(super) struct Edge {
    /// SIP over UDP.
    pub(super) udp: SocketAddr,
    /// SIP over TCP.
    pub(super) tcp: SocketAddr,
    /// Browsers.
    pub(super) router: Router,
}

impl Parts {
    /// Starts everything that no caller can reach.
    ///
    /// # Errors
    /// A part cannot start.
    pub(super) async fn inside(settings: &Settings, house: &House, demo: bool) -> Result<Self, Failure> {
        let cti = ngcc_cti::start(cti(settings), house).await.map_err(failed)?;
        let ivr = ngcc_ivr::start(ivr(settings), house).map_err(failed)?;
        let collab = ngcc_collab::start(collab(settings), house).map_err(failed)?;
        let simulator = demo.then(|| Simulator::new(house, speech(&settings.flow)));
        let pages = simulator.clone().map(|simulator| demo::pages(Arc::new(simulator)));
        let gateway = ngcc_agent_gateway::start(gateway(settings, pages), house).map_err(failed)?;
        Ok(Self { _cti: cti, _ivr: ivr, collab, gateway, simulator })
    }

    /// The doors are open: in the demo customers may be simulated from now on.
    pub(super) fn opened(&self, doors: Doors) {
        if let Some(simulator) = &self.simulator {
            simulator.open(doors);
        }
    }

    /// Everything that is served over HTTP: `access` is the customers' part of it.
    pub(super) fn router(&self, access: Router, house: &House) -> Router {
        let beside = health_router(house).merge(access).merge(self.collab.router());
        secured(self.gateway.router_beside(beside))
    }

    /// Opens the SIP sockets.
    ///
    /// # Errors
    /// A port is in use; the text names the setting.
    pub(super) async fn doors(&self, settings: &Settings, house: &House) -> Result<Edge, Failure> {
        let access = ngcc_softacd::start(access(settings), house).await.map_err(failed)?;
        let udp = access.udp.first().copied().unwrap_or(settings.sip.udp);
        Ok(Edge { udp, tcp: access.tcp.unwrap_or(settings.sip.tcp), router: access.router() })
    }
}

/// The data centre alone, for changing what is configured while no server runs.
///
/// # Errors
/// The data directory is in use, or the data centre cannot start.
pub(crate) async fn data_centre_alone(settings: &Settings) -> Result<Desk, Failure> {
    let house = super::open_house(settings, BusKind::Direct)?;
    let desk = Desk::open(&house, PATIENCE);
    ngcc_cti::start_data_centre(cti(settings), &house).await.map_err(failed)?;
    Ok(desk)
}

fn cti(settings: &Settings) -> ngcc_cti::Settings {
    let set = &settings.centre;
    ngcc_cti::Settings {
        realm: settings.sip.realm.clone(),
        centre: Centre {
            self_service_slots: set.self_service_slots,
            grace_s: set.grace_s,
            sign_in_flow: set.sign_in_flow.clone(),
            chat_idle_s: set.chat_idle_s,
            record_sharing: settings.collab.record,
        },
        keep_recordings: Duration::from_secs(u64::from(settings.collab.keep_days) * 24 * 60 * 60),
        banned: Vec::new(),
        // Also where somebody runs the demo's catalogue with `serve`.
        loopback_passwords: vec![PASSWORD.to_owned()],
        flow_check: |name, text| match ngcc_ivr_core::flow::check(name, text) {
            Ok(_) => Ok(()),
            Err(problems) => Err(problems.iter().map(ToString::to_string).collect()),
        },
    }
}

fn ivr(settings: &Settings) -> ngcc_ivr::Settings {
    let (media, flow, recording) = (&settings.media, &settings.flow, settings.collab.max_screen_recording);
    let media = ngcc_ivr::media::MediaSettings {
        local: media.local,
        external: address(&media.external),
        ports: (media.first_port != 0).then_some(media.first_port..=media.last_port),
        workers: (media.workers != 0).then_some(usize::from(media.workers)),
        silent_after: Duration::from_secs(u64::from(media.silence_s)),
        ..ngcc_ivr::media::MediaSettings::default()
    };
    let web = ngcc_ivr::WebSettings { allow: flow.http_hosts.clone() };
    ngcc_ivr::Settings { media, speech: speech(flow), web, recording }
}

fn speech(flow: &Flow) -> ngcc_ivr::SpeechSettings {
    ngcc_ivr::SpeechSettings { program: flow.speech.clone(), ..ngcc_ivr::SpeechSettings::default() }
}

fn access(settings: &Settings) -> ngcc_softacd::Settings {
    let sip = &settings.sip;
    ngcc_softacd::Settings {
        udp: vec![sip.udp],
        tcp: Some(sip.tcp),
        external: address(&sip.external),
        domains: sip.domains.clone(),
        realm: sip.realm.clone(),
        anonymous: sip.anonymous,
        limits: Limits { legs: usize::try_from(sip.max_legs).unwrap_or(usize::MAX), ..Limits::default() },
        web: web(&settings.web),
        ..ngcc_softacd::Settings::default()
    }
}

fn collab(settings: &Settings) -> ngcc_collab::Settings {
    let limits =
        ngcc_collab::Limits { file_bytes: settings.web.max_upload, ..ngcc_collab::Limits::default() };
    ngcc_collab::Settings {
        origins: settings.web.origins.clone(),
        limits,
        recording: settings.collab.max_recording,
        ..ngcc_collab::Settings::default()
    }
}

fn web(set: &crate::settings::Web) -> ngcc_softacd::Web {
    let secret = &set.identity_secret;
    ngcc_softacd::Web {
        origins: set.origins.clone(),
        identity_secret: (!secret.is_empty()).then(|| Secret::new(secret)),
        max_upload: set.max_upload,
        ..ngcc_softacd::Web::default()
    }
}

fn gateway(settings: &Settings, demo: Option<ngcc_agent_gateway::Demo>) -> ngcc_agent_gateway::Settings {
    ngcc_agent_gateway::Settings {
        origins: settings.web.origins.clone(),
        demo,
        max_upload: settings.web.max_upload,
    }
}

/// An address that may be left empty; the settings have been checked.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// Each part words its own error for the operator.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Start(error.to_string())
}
