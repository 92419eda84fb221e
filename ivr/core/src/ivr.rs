//! The core itself: what it is told, what it asks its shell to do, and which chapter takes what.

use std::net::SocketAddr;
use std::sync::Arc;

use ngcc_proto::envelope::Body;
use ngcc_proto::media::{self, Part};
use ngcc_proto::recording::{Loss, MediaEvent};
use ngcc_proto::{
    CollabId, Core, Effect, Envelope, Ids, Key, Kind, LegId, MessageId, Mono, Now, RestoreError, Secret, Why,
};

use crate::film::Strip;
use crate::flow::verb::is_key;
use crate::flow::{Fetch, Fetched};
use crate::legs::{Legs, NewLeg};
use crate::out::{AskId, Out};
use crate::run::Runs;
use crate::worker::{FromWorker, ToWorker};

/// What the core is told.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "most are envelopes, and a box would cost each an allocation")]
pub enum Input {
    /// A message: media and flow commands, to-auto, configuration. Any other is ignored.
    Envelope(Envelope),
    /// Something happened at a media worker.
    Worker(FromWorker),
    /// The answer to `Bind` or `Rebind`: the advertised address of the RTP port, or why there is none.
    Bound {
        /// The leg.
        leg: LegId,
        /// Its address.
        address: Result<SocketAddr, String>,
    },
    /// The answer to `Speak` or `Load`: samples at 8 kHz, or why there are none.
    Spoken {
        /// Which.
        ask: AskId,
        /// The sound.
        sound: Result<Arc<[i16]>, String>,
    },
    /// A recording cannot go on.
    Unrecorded {
        /// Whose.
        collab: CollabId,
        /// Why.
        loss: Loss,
    },
    /// The answer to `Fetch`.
    Fetched {
        /// Which.
        ask: AskId,
        /// What came.
        fetched: Fetched,
    },
}

impl From<Envelope> for Input {
    fn from(envelope: Envelope) -> Self {
        Self::Envelope(envelope)
    }
}

/// What the core asks its shell to do.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "most are envelopes, and a box would cost each an allocation")]
pub enum Output {
    /// Send a message.
    Send(Envelope),
    /// Bind a leg's ports; `Bound` answers.
    Bind {
        /// The leg.
        leg: LegId,
    },
    /// Bind the same ports again, before any `Bind`; `Bound` answers.
    Rebind {
        /// The leg.
        leg: LegId,
        /// Its RTP port.
        port: u16,
    },
    /// Tell the media workers.
    Worker(ToWorker),
    /// Make speech; `Spoken` answers.
    Speak {
        /// Its name.
        ask: AskId,
        /// The text.
        text: String,
        /// Its language tag.
        lang: String,
    },
    /// Load a recorded prompt; `Spoken` answers.
    Load {
        /// Its name.
        ask: AskId,
        /// The prompt's name, of a–z, 0–9, `_`, `-`.
        prompt: String,
    },
    /// Something is to be done with a recording.
    Record {
        /// Whose.
        collab: CollabId,
        /// What.
        strip: Strip,
    },
    /// After a start: any other recording than these has come to its end.
    Recorded {
        /// Those under way.
        standing: Vec<CollabId>,
    },
    /// Ask a web server; `Fetched` answers.
    Fetch {
        /// Its name.
        ask: AskId,
        /// What to ask.
        fetch: Fetch,
    },
}

/// The media server's decisions: legs with their offers and answers, conferences' phases, flow runs.
#[derive(Debug)]
pub struct Ivr {
    legs: Legs,
    runs: Runs,
    out: Out,
}

impl Ivr {
    /// An empty one; `ids` mints message ids and draws SSRCs.
    pub fn new(ids: Ids) -> Self {
        Self { legs: Legs::default(), runs: Runs::default(), out: Out::new(ids) }
    }

    /// Serves browsers too: `fingerprint` is SHA-256 of the certificate the shell shows them, as `a=fingerprint` has
    /// it (RFC 8122), without the digest's name. Without it their offers are refused.
    #[must_use]
    pub fn presenting(mut self, fingerprint: String) -> Self {
        self.legs.present(fingerprint);
        self
    }

    fn envelope(&mut self, envelope: Envelope, now: Now) {
        let Envelope { id, session, body, .. } = envelope;
        match body {
            Body::MediaCommand(command) => self.media(command, session, id, now),
            Body::FlowCommand(command) => {
                self.runs.command(command, session, id, &self.legs, now, &mut self.out);
            }
            Body::ToAuto(to_auto) => {
                self.runs.hand_over(to_auto, session, id, &self.legs, now, &mut self.out)
            }
            Body::ScreenEvent(MediaEvent::Kept { collab }) => {
                self.out.emit(Output::Record { collab, strip: Strip::Known });
            }
            Body::ConfigIvr(config) => self.runs.stock(config, &self.legs, now, &mut self.out),
            // Not for us: a message that went astray changes nothing.
            Body::AccessEvent(_)
            | Body::AccessCommand(_)
            | Body::CollabCall(_)
            | Body::CollabAnswer(_)
            | Body::CollabCommand(_)
            | Body::RecordingCommand(_)
            | Body::RecordingEvent(_)
            | Body::ScreenCommand(_)
            | Body::CollabEvent(_)
            | Body::MediaEvent(_)
            | Body::FlowEvent(_)
            | Body::ToHuman(_)
            | Body::SeatCommand(_)
            | Body::SeatEvent(_)
            | Body::ContactCommand(_)
            | Body::ContactEvidence(_)
            | Body::ContactNoted(_)
            | Body::ContactEvent(_)
            | Body::DataCommand(_)
            | Body::DataEvent(_)
            | Body::AdminCommand(_)
            | Body::AdminEvent(_)
            | Body::OperateCommand(_)
            | Body::OperateEvent(_)
            | Body::ConfigCti(_)
            | Body::ChatCommand(_)
            | Body::ChatEvent(_)
            | Body::SuperviseCommand(_)
            | Body::SuperviseEvent(_)
            | Body::ImCommand(_)
            | Body::ImEvent(_)
            | Body::AuthCommand(_)
            | Body::AuthEvent(_)
            | Body::AskCommand(_)
            | Body::AskEvent(_)
            | Body::ChannelCommand(_)
            | Body::ChannelEvent(_)
            | Body::ChannelChange(_)
            | Body::ChannelChanged(_)
            | Body::ConfigGateway(_)
            | Body::ConfigAccess(_) => {}
        }
    }

    fn media(
        &mut self,
        command: media::Command,
        session: Option<ngcc_proto::SessionId>,
        cause: MessageId,
        now: Now,
    ) {
        let out = &mut self.out;
        match command {
            media::Command::Open { leg, conference, part, offer } => {
                self.legs.open(leg, NewLeg { conference, part, offer, session, cause }, out);
            }
            media::Command::Answered { leg, sdp } => self.legs.answered(leg, &sdp, cause, now, out),
            media::Command::Reoffer { leg, offer } => self.legs.reoffer(leg, offer.as_ref(), cause, now, out),
            media::Command::Place { leg, conference, part } => {
                self.legs.place(leg, conference, part, out);
                self.runs.placed(leg, conference, now, out);
            }
            media::Command::Phase { conference, phase } => {
                let hears_automation = self.legs.phase(conference, phase, out);
                if !hears_automation {
                    for leg in self.legs.in_conference(conference) {
                        self.runs.unheard(leg, now, out);
                    }
                }
            }
            // An ICE-lite side learns where the browser is from its checks, never from what it says.
            media::Command::Candidate { .. } => {}
            media::Command::Digit { leg, digit } => self.digit(leg, digit, Some(cause), now),
            media::Command::Record { conference, collab } => {
                if let Some(session) = session {
                    self.legs.record(collab, conference, session, out);
                }
            }
            media::Command::EndRecording { collab } => self.legs.end_recording(collab, out),
            media::Command::Close { leg } => {
                self.runs.leg_closed(leg, out);
                self.legs.close(leg, out);
            }
        }
    }

    /// A key goes to the flow that listens to the customer, and to cti otherwise.
    fn digit(&mut self, leg: LegId, digit: Secret, cause: Option<MessageId>, now: Now) {
        let Some(about) = self.legs.about(leg) else { return };
        let mut keys = digit.expose().chars();
        let (Some(key), None) = (keys.next().filter(|key| is_key(*key)), keys.next()) else { return };
        if about.part == Part::User && about.heard && self.runs.key(leg, key, now, &mut self.out) {
            return;
        }
        self.out.send(now, about.session, cause.or(about.cause), media::Event::Digit { leg, digit });
    }

    fn worker(&mut self, event: FromWorker, now: Now) {
        match event {
            FromWorker::Played { play, .. } => self.runs.played(play, now, &mut self.out),
            FromWorker::Digit { leg, digit } => self.digit(leg, digit, None, now),
            FromWorker::Silent { leg } => self.tell(leg, media::Event::Silent { leg }, now),
            FromWorker::PeerUp { leg } => self.tell(leg, media::Event::PeerUp { leg }, now),
            FromWorker::PeerLost { leg } => self.tell(leg, media::Event::PeerLost { leg }, now),
        }
    }

    /// Tells cti what happened to a leg that is there.
    fn tell(&mut self, leg: LegId, event: media::Event, now: Now) {
        if let Some(about) = self.legs.about(leg) {
            self.out.send(now, about.session, about.cause, event);
        }
    }

    /// Once every port of before is bound again (or lost), the runs go on and cti is told what is left.
    fn go_on_when_rebound(&mut self, now: Now) {
        let Some(legs) = self.legs.take_rebound(&mut self.out) else { return };
        let runs = self.runs.rebound(&self.legs, now, &mut self.out);
        let recordings = self.legs.recordings();
        self.out.send(now, None, None, media::Event::Restored { legs, runs, recordings });
    }
}

impl Core for Ivr {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        match input {
            Input::Envelope(envelope) => self.envelope(envelope, now),
            Input::Worker(event) => self.worker(event, now),
            Input::Bound { leg, address } => {
                self.legs.bound(leg, address, now, &mut self.out);
                self.go_on_when_rebound(now);
            }
            Input::Spoken { ask, sound } => self.runs.spoken(ask, sound, now, &mut self.out),
            Input::Unrecorded { collab, loss } => self.legs.unrecorded(collab, loss, now, &mut self.out),
            Input::Fetched { ask, fetched } => self.runs.fetched(ask, &fetched, now, &mut self.out),
        }
    }

    fn wake(&mut self, now: Now) {
        self.runs.wake(&self.legs, now, &mut self.out);
    }

    fn poll(&mut self) -> Option<Effect<Output>> {
        self.out.poll()
    }

    fn deadline(&self) -> Option<(Mono, Why)> {
        self.runs.deadline().map(|at| (at, Why::FlowTimer))
    }

    fn restore(&mut self, key: Key, bytes: &[u8], now: Now) -> Result<(), RestoreError> {
        let bad = |why: String| RestoreError { kind: key.kind, why };
        match key.kind {
            Kind::MediaLeg => self.legs.restore_leg(bytes, now).map_err(bad),
            Kind::Conference => self.legs.restore_conference(bytes).map_err(bad),
            Kind::Recording => self.legs.restore_recording(bytes).map_err(bad),
            Kind::FlowRun => self.runs.restore(bytes).map_err(bad),
            Kind::SessionFact
            | Kind::Seat
            | Kind::Cursor
            | Kind::Dialog
            | Kind::Binding
            | Kind::WebLeg
            | Kind::Channel
            | Kind::Collab => Err(bad("ivr keeps no such record".to_owned())),
        }
    }

    fn restored(&mut self, now: Now) {
        self.legs.rebind(&mut self.out);
        self.legs.go_on_recording(&mut self.out);
        self.runs.restored(now);
        self.go_on_when_rebound(now);
    }
}
