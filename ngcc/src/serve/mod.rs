//! `serve`: composes the roles into one process. Data first, sockets last, so that the first call already finds a
//! centre that knows everything.

mod certificate;
mod doors;
mod listen;
mod parts;
mod ready;

use ngcc_proto::admin;
use ngcc_proto::config::Catalogue;
use ngcc_proto::envelope::Body;
use ngcc_runtime::{House, Wiring, telemetry};

use crate::cli::BusKind;
use crate::control::desk::Desk;
use crate::control::door::start_failure;
use crate::control::{Answer, PATIENCE, server};
use crate::demo::Doors;
use crate::failure::Failure;
use crate::settings::{Effective, Settings};

pub(crate) use doors::most as most_connections;

pub(crate) use parts::data_centre_alone;

/// How long the parts may take to end after a signal.
const CLOSING: std::time::Duration = std::time::Duration::from_secs(5);
/// Which envelopes the serialising bus repeats; the same in every run, so that a run can be looked at again.
const REPEATS: u64 = 7;

/// What `serve` and `demo` run with.
pub(crate) struct Run {
    /// The settings in force.
    pub(crate) effective: Effective,
    /// What is imported before calls are taken.
    pub(crate) catalogue: Option<Catalogue>,
    /// How envelopes travel.
    pub(crate) bus: BusKind,
    /// Whether it is the demo, whose passwords everybody knows.
    pub(crate) demo: bool,
}

/// Runs the centre until a signal ends it.
///
/// # Errors
/// A part cannot start; nothing keeps running then.
pub(crate) fn run(run: Run) -> Result<(), Failure> {
    let settings = &run.effective.settings;
    if run.demo {
        only_here(settings)?;
    }
    let form = if settings.log.format == "json" { telemetry::Form::Json } else { telemetry::Form::Human };
    telemetry::init(form, &settings.log.level);
    settings.warnings().iter().for_each(|warning| tracing::warn!("{warning}"));
    let workers = match settings.run.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from).min(2),
        n => usize::from(n),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .map_err(Failure::io("the worker threads cannot start"))?;
    runtime.block_on(live(run))
}

async fn live(run: Run) -> Result<(), Failure> {
    let Run { effective, catalogue, bus, demo } = run;
    let settings = effective.settings;
    let house = open_house(&settings, bus)?;
    house.stop.on_signals().map_err(Failure::io("signals cannot be caught"))?;
    let desk = Desk::open(&house, PATIENCE);
    let parts = parts::Parts::inside(&settings, &house, demo).await?;
    if let Some(catalogue) = catalogue {
        import(&desk, catalogue).await?;
    }
    let edge = parts.doors(&settings, &house).await?;
    let http = listen::http(&settings, &parts.router(edge.router, &house), &house).await?;
    parts.opened(Doors { http: http.http, sip: edge.udp });
    let control = server::listen(&settings.data.dir, desk)?;
    ready::tell(&ready::Ready {
        ready: true,
        sip_udp: edge.udp,
        sip_tcp: edge.tcp,
        http: http.http,
        https: http.https,
        metrics: http.metrics,
        control: control.clone(),
        pid: std::process::id(),
        demo,
    });

    house.stop.wait().await;
    tracing::info!("stopping");
    // The next start makes a new one; one that is left behind does no harm.
    let _ = std::fs::remove_file(control);
    if tokio::time::timeout(CLOSING, house.closed()).await.is_err() {
        tracing::warn!("not every part ended in time; what must survive is in the log");
    }
    Ok(())
}

/// The house on the settings' data directory.
fn open_house(settings: &Settings, bus: BusKind) -> Result<House, Failure> {
    let wiring = match bus {
        BusKind::Direct => Wiring::Direct,
        BusKind::Serialising => Wiring::Serialising { seed: REPEATS },
    };
    let mut house = ngcc_runtime::Settings::at(&settings.data.dir);
    house.wiring = wiring;
    house.scan = settings.uploads.scan.split_whitespace().map(str::to_owned).collect();
    House::open(house).map_err(|e| start_failure(&e))
}

async fn import(desk: &Desk, catalogue: Catalogue) -> Result<(), Failure> {
    let command = admin::Command::Import { catalogue, replace: false };
    let body = match desk.ask(Body::AdminCommand(command)).await {
        Answer::Body(body) => *body,
        Answer::Error(why) => return Err(Failure::NoAnswer(why)),
    };
    if let Body::AdminEvent(admin::Event::Refused { problems }) = body {
        return Err(Failure::Refused(problems));
    }
    Ok(())
}

/// The demo is reachable from this machine only, whatever else is set.
fn only_here(settings: &Settings) -> Result<(), Failure> {
    let listeners = [
        ("sip.udp", settings.sip.udp.ip()),
        ("sip.tcp", settings.sip.tcp.ip()),
        ("http.listen", settings.http.listen.ip()),
        ("https.listen", settings.https.listen.ip()),
        ("http.metrics", settings.http.metrics.ip()),
        ("media.local", settings.media.local),
    ];
    match listeners.iter().find(|(_, ip)| !ip.is_loopback()) {
        None => Ok(()),
        Some((key, ip)) => Err(Failure::Start(format!(
            "the demo's passwords are known to everybody, so it listens on 127.0.0.1 only; {key} is {ip}: use `ngcc \
             serve` with passwords of your own"
        ))),
    }
}
