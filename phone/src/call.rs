//! One call of a phone: how it stands, what is said and heard in it, and what can be done with it.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::dialog::Dialog;
use crate::ear::Ear;
use crate::line::Line;
use crate::locked;
use crate::media::Media;
use crate::message::Message;
use crate::mouth::{Sound, Toward};
use crate::outbound;
use crate::phone::PhoneError;
use crate::sdp::{self, Codec, Ours, Theirs, Way};

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The other side hung up.
    Remote,
    /// The other side gave up before the answer; the text of the Reason header, if there was one.
    Cancelled(Option<String>),
    /// The call was refused with this status.
    Refused(u16),
    /// This side hung up, cancelled or refused it.
    Local,
    /// Nothing came back, or no ACK came.
    Lost,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The INVITE is out, or has come in.
    New,
    /// It rings.
    Ringing,
    /// Answered.
    Up,
    /// Over.
    Ended(Ended),
}

pub(crate) struct CallState {
    pub(crate) line: Arc<Line>,
    pub(crate) dialog: Mutex<Dialog>,
    pub(crate) media: Media,
    pub(crate) stage: watch::Sender<Stage>,
    pub(crate) acked: watch::Sender<bool>,
    /// What NOTIFYs have said of a transfer: the statuses of their `message/sipfrag`.
    pub(crate) told: watch::Sender<Vec<u16>>,
    /// The phone's INVITE, for a CANCEL and for repeated 200s.
    pub(crate) invite: Mutex<Option<(Message, SocketAddr)>>,
    /// The ACK of the phone's last INVITE.
    pub(crate) ack: Mutex<Option<(Message, SocketAddr)>>,
    way: Mutex<Way>,
    /// What the other side said last of its own direction.
    their_way: watch::Sender<Way>,
    version: AtomicU64,
}

impl CallState {
    pub(crate) async fn new(line: &Arc<Line>, dialog: Dialog) -> Result<Arc<Self>, PhoneError> {
        let media = Media::open(line.settings.ip()).await?;
        Ok(Arc::new(Self {
            line: Arc::clone(line),
            dialog: Mutex::new(dialog),
            media,
            stage: watch::Sender::new(Stage::New),
            acked: watch::Sender::new(false),
            told: watch::Sender::new(Vec::new()),
            invite: Mutex::default(),
            ack: Mutex::default(),
            way: Mutex::new(Way::SendRecv),
            their_way: watch::Sender::new(Way::SendRecv),
            version: AtomicU64::new(1),
        }))
    }

    /// An offer of the phone.
    pub(crate) fn offer(&self) -> String {
        self.describe(self.line.settings.codecs.clone(), *locked(&self.way))
    }

    /// The phone's answer to an offer; none if nothing in it suits.
    pub(crate) fn answer_to(&self, offer: &str) -> Option<String> {
        let theirs = sdp::read(offer)?;
        if let Some(keys) = theirs.keys {
            self.media.set_keys(keys);
        }
        let codec = self.agree(&theirs)?;
        let way = locked(&self.way).answering(theirs.way);
        Some(self.describe(vec![codec], way))
    }

    /// Takes the other side's description: from now on sound goes there.
    pub(crate) fn agree(&self, theirs: &Theirs) -> Option<Codec> {
        let ours = &self.line.settings.codecs;
        let codec = theirs.codecs.iter().copied().find(|c| ours.contains(c))?;
        let mut mouth = locked(&self.media.mouth);
        mouth.toward = Some(Toward { rtp: theirs.rtp, codec, keys: theirs.keys });
        mouth.may_send = theirs.way.lets_the_other_send();
        drop(mouth);
        self.their_way.send_replace(theirs.way);
        Some(codec)
    }

    pub(crate) fn agree_text(&self, sdp: Option<&str>) {
        if let Some(theirs) = sdp.and_then(sdp::read) {
            self.agree(&theirs);
        }
    }

    fn describe(&self, codecs: Vec<Codec>, way: Way) -> String {
        let ours = Ours {
            ip: self.line.settings.ip(),
            port: self.media.port,
            id: u64::from(self.media.port),
            version: self.version.load(Ordering::Relaxed),
            codecs,
            keys: self.media.keys(),
            way,
            name: self.line.settings.display.clone().unwrap_or_else(|| "-".to_owned()),
        };
        ours.text()
    }

    /// Ends it here; what was heard stays. The first reason stays too.
    pub(crate) fn end(&self, why: Ended) {
        self.stage.send_if_modified(|stage| {
            let first = !matches!(stage, Stage::Ended(_));
            if first {
                *stage = Stage::Ended(why);
            }
            first
        });
        self.media.stop();
    }

    /// Moves on unless it is over.
    pub(crate) fn advance(&self, to: Stage) {
        self.stage.send_if_modified(|stage| {
            let live = !matches!(stage, Stage::Ended(_) | Stage::Up) || to == Stage::Up;
            let live = live && !matches!(stage, Stage::Ended(_));
            if live {
                *stage = to;
            }
            live
        });
    }

    pub(crate) async fn wait(
        &self,
        within: Duration,
        what: &'static str,
        want: &Stage,
    ) -> Result<(), PhoneError> {
        let mut news = self.stage.subscribe();
        let reached = news.wait_for(|s| s == want || matches!(s, Stage::Ended(_)) || *s == Stage::Up);
        let stage = timeout(within, reached).await.map_err(|_| PhoneError::TimedOut(what))?;
        match stage.map(|s| s.clone()).map_err(|_| PhoneError::TimedOut(what))? {
            Stage::Ended(why) => Err(PhoneError::Ended(why)),
            Stage::New | Stage::Ringing | Stage::Up => Ok(()),
        }
    }
}

/// A call. Clones are the same call; what it hears is asked of it as of an [`Ear`].
#[derive(Clone)]
pub struct Call {
    pub(crate) state: Arc<CallState>,
}

/// How a transfer the phone asked for goes on.
pub struct Transfer {
    state: Arc<CallState>,
}

impl Deref for Call {
    type Target = Ear;
    fn deref(&self) -> &Ear {
        &self.state.media.ear
    }
}

impl Call {
    /// Waits for 180 or 183 (or the answer).
    ///
    /// # Errors
    /// [`PhoneError::Ended`] or [`PhoneError::TimedOut`] after 32 s.
    pub async fn ringing(&self) -> Result<(), PhoneError> {
        self.state.wait(Duration::from_secs(32), "ringing", &Stage::Ringing).await
    }

    /// Waits for the answer.
    ///
    /// # Errors
    /// [`PhoneError::Ended`] or [`PhoneError::TimedOut`] after 60 s.
    pub async fn answered(&self) -> Result<(), PhoneError> {
        self.state.wait(Duration::from_secs(60), "the answer", &Stage::Up).await
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// [`PhoneError::TimedOut`].
    pub async fn ended(&self, within: Duration) -> Result<Ended, PhoneError> {
        let mut news = self.state.stage.subscribe();
        let over = news.wait_for(|s| matches!(s, Stage::Ended(_)));
        match timeout(within, over).await.ok().and_then(Result::ok).as_deref() {
            Some(Stage::Ended(why)) => Ok(why.clone()),
            _ => Err(PhoneError::TimedOut("the end of the call")),
        }
    }

    /// Whether it is answered and not over.
    pub fn is_up(&self) -> bool {
        *self.state.stage.borrow() == Stage::Up
    }

    /// Its Call-ID.
    pub fn call_id(&self) -> String {
        locked(&self.state.dialog).call_id.clone()
    }

    /// Says something from now on.
    pub fn speak(&self, sound: Sound) {
        locked(&self.state.media.mouth).say(sound);
    }

    /// Presses keys by telephone-event and waits until they are sent.
    pub async fn press(&self, keys: &str) {
        locked(&self.state.media.mouth).press(keys);
        self.state.media.keys_sent().await;
    }

    /// Sends bytes from the call's own RTP port.
    pub fn send_media_raw(&self, bytes: &[u8], to: SocketAddr) {
        self.state.media.send_raw(bytes, to);
    }

    /// Where the phone sends its sound; none before the other side has said so.
    pub fn remote_media(&self) -> Option<SocketAddr> {
        locked(&self.state.media.mouth).toward.map(|t| t.rtp)
    }

    /// Where the phone receives.
    pub fn local_media(&self) -> SocketAddr {
        SocketAddr::from((self.state.line.settings.ip(), self.state.media.port))
    }

    /// Puts the other side on hold (re-INVITE with `sendonly`).
    ///
    /// # Errors
    /// [`PhoneError`] if it is refused.
    pub async fn hold(&self) -> Result<(), PhoneError> {
        self.offer_anew(Way::SendOnly).await
    }

    /// Takes it off hold (`sendrecv`).
    ///
    /// # Errors
    /// [`PhoneError`] if it is refused.
    pub async fn unhold(&self) -> Result<(), PhoneError> {
        self.offer_anew(Way::SendRecv).await
    }

    async fn offer_anew(&self, way: Way) -> Result<(), PhoneError> {
        *locked(&self.state.way) = way;
        self.state.version.fetch_add(1, Ordering::Relaxed);
        outbound::reinvite(&self.state, Some(self.state.offer())).await.map(|_| ())
    }

    /// Sends the last offer again, unchanged: a session refresh.
    ///
    /// # Errors
    /// [`PhoneError`] if it is refused.
    pub async fn refresh(&self) -> Result<(), PhoneError> {
        outbound::reinvite(&self.state, Some(self.state.offer())).await.map(|_| ())
    }

    /// Waits until the other side has put this one on hold.
    ///
    /// # Errors
    /// [`PhoneError::TimedOut`].
    pub async fn held_by_other(&self, within: Duration) -> Result<(), PhoneError> {
        let mut news = self.state.their_way.subscribe();
        let held = news.wait_for(|w| matches!(w, Way::SendOnly | Way::Inactive));
        match timeout(within, held).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(PhoneError::TimedOut("being held")),
        }
    }

    /// Presses a key by SIP INFO (`application/dtmf-relay`).
    ///
    /// # Errors
    /// [`PhoneError`] if it is refused.
    pub async fn info_digit(&self, key: char) -> Result<(), PhoneError> {
        let body = ("application/dtmf-relay", format!("Signal={key}\r\nDuration=160\r\n"));
        outbound::in_dialog(&self.state, "INFO", &[], Some(body)).await.map(|_| ())
    }

    /// Asks the other side to transfer itself to `target`.
    ///
    /// # Errors
    /// [`PhoneError`] if it is refused.
    pub async fn refer(&self, target: &str) -> Result<Transfer, PhoneError> {
        self.refer_to(format!("<{}>", self.state.line.uri_of(target))).await
    }

    /// Asks the other side to take the place of this phone in `other`: an attended transfer.
    ///
    /// # Errors
    /// [`PhoneError`] if it is refused.
    pub async fn refer_replacing(&self, other: &Self) -> Result<Transfer, PhoneError> {
        let (to, replaces) = {
            let dialog = locked(&other.state.dialog);
            (crate::message::uri(&dialog.remote).to_owned(), dialog.replaces())
        };
        let replaces = replaces.replace('@', "%40").replace(';', "%3B").replace('=', "%3D");
        self.refer_to(format!("<{to}?Replaces={replaces}>")).await
    }

    async fn refer_to(&self, refer_to: String) -> Result<Transfer, PhoneError> {
        let by = self.state.line.contact();
        let headers = [("Refer-To", refer_to), ("Referred-By", by)];
        outbound::in_dialog(&self.state, "REFER", &headers, None).await?;
        Ok(Transfer { state: Arc::clone(&self.state) })
    }

    /// Sends a request in the call's dialog with this body and waits for the final answer.
    ///
    /// # Errors
    /// [`PhoneError`] if it is refused.
    pub async fn request(
        &self,
        method: &'static str,
        body: Option<(&str, String)>,
    ) -> Result<Message, PhoneError> {
        outbound::in_dialog(&self.state, method, &[], body).await
    }

    /// Hangs up: BYE, or CANCEL before the answer.
    ///
    /// # Errors
    /// [`PhoneError`] if the other side refuses even that.
    pub async fn hang_up(&self) -> Result<(), PhoneError> {
        outbound::hang_up(&self.state).await
    }
}

impl Transfer {
    /// Waits for the final status NOTIFY tells.
    ///
    /// # Errors
    /// [`PhoneError::TimedOut`].
    pub async fn done(&self, within: Duration) -> Result<u16, PhoneError> {
        let mut news = self.state.told.subscribe();
        let last = |told: &Vec<u16>| told.iter().copied().find(|s| *s >= 200);
        let waiting = news.wait_for(|told| last(told).is_some());
        let status = timeout(within, waiting).await.ok().and_then(Result::ok).and_then(|told| last(&told));
        status.ok_or(PhoneError::TimedOut("the end of the transfer"))
    }
}
