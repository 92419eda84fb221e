//! Writes the recordings of screens. One thread has all the files, so that no disk, however slow, holds up a packet; what
//! waits for it is bounded, and a recording that cannot go on is told to the core and ends there.

mod reel;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use ngcc_ivr_core::film::{Frame, Strip};
use ngcc_proto::collab::Kind;
use ngcc_proto::recording::{Loss, MediaCommand, Recording};
use ngcc_proto::{CollabId, Envelope, SessionId, Wall};
use ngcc_runtime::{Counter, House, Recordings, recordings};

use reel::{Put, Reel};

static LOST: Counter =
    Counter::new("ngcc_screen_recordings_lost_total", "Recordings of screens that could not go on.");

/// The most bytes that wait for the disk.
const WAITING: usize = 64 * 1024 * 1024;
/// What a picture counts beside its bytes: so that there are never many either.
const EACH: usize = 1024;
/// How long a picture may be in memory only.
const FLUSH: Duration = Duration::from_millis(500);

/// Something to be done with a recording.
enum Job {
    Begin(CollabId, SessionId),
    Frame(CollabId, Frame),
    /// Nothing more is written to it: the core has been told.
    Overrun(CollabId),
    End(CollabId),
    Known(CollabId),
    /// Every recording that is open and not one of these has come to its end.
    FinishAllBut(BTreeSet<CollabId>),
}

/// Tells the core of a recording that cannot go on.
type Tell = Arc<dyn Fn(CollabId, Loss) + Send + Sync>;

/// The way to the thread that writes. Clones are the same way; the thread ends, with everything written, when the last is
/// dropped.
#[derive(Clone)]
pub(crate) struct Recorder {
    jobs: Sender<Job>,
    /// The bytes that wait.
    waiting: Arc<AtomicUsize>,
    tell: Tell,
}

impl Recorder {
    /// Starts the thread. A recording is of `most` bytes at the most.
    pub(crate) fn start(
        house: &House,
        most: u64,
        tell: impl Fn(CollabId, Loss) + Send + Sync + 'static,
    ) -> Self {
        let (jobs, queue) = channel();
        let tell: Tell = Arc::new(tell);
        let waiting = Arc::<AtomicUsize>::default();
        let part = house.part();
        let mut writer = Writer {
            house: house.clone(),
            recordings: Recordings::of_screens(&house.data_dir),
            most,
            tell: Arc::clone(&tell),
            films: BTreeMap::new(),
            waiting: Arc::clone(&waiting),
        };
        std::thread::spawn(move || {
            writer.run(&queue);
            // Whoever waits for the parts' end finds nothing of the house in use.
            drop(writer);
            drop(part);
        });
        Self { jobs, waiting, tell }
    }

    /// Takes a picture; it does not wait for the disk.
    pub(crate) fn frame(&self, collab: CollabId, frame: Frame) {
        let size = frame.bytes.len() + EACH;
        if self.waiting.fetch_add(size, Ordering::Relaxed) + size > WAITING {
            self.waiting.fetch_sub(size, Ordering::Relaxed);
            tracing::error!(%collab, "the disk takes too long: a recording ends here");
            (self.tell)(collab, Loss::Disk);
            self.send(Job::Overrun(collab));
        } else {
            self.send(Job::Frame(collab, frame));
        }
    }

    /// Does what the core wants done with a recording.
    pub(crate) fn put(&self, collab: CollabId, strip: Strip) {
        self.send(match strip {
            Strip::Begin { session } => Job::Begin(collab, session),
            Strip::End => Job::End(collab),
            Strip::Known => Job::Known(collab),
        });
    }

    /// After a start: any other recording than these has come to its end.
    pub(crate) fn finish_all_but(&self, standing: Vec<CollabId>) {
        self.send(Job::FinishAllBut(standing.into_iter().collect()));
    }

    fn send(&self, job: Job) {
        if self.jobs.send(job).is_err() {
            tracing::error!("the thread that writes recordings of screens is gone");
        }
    }
}

/// A recording that goes on.
enum Film {
    /// No picture of it has come yet since it began, or since the start.
    Waiting(SessionId),
    Open(Box<Reel>),
}

struct Writer {
    house: House,
    recordings: Recordings,
    most: u64,
    tell: Tell,
    films: BTreeMap<CollabId, Film>,
    waiting: Arc<AtomicUsize>,
}

impl Writer {
    fn run(&mut self, queue: &Receiver<Job>) {
        let mut flush = Instant::now() + FLUSH;
        loop {
            match queue.recv_timeout(flush.saturating_duration_since(Instant::now())) {
                Ok(job) => self.job(job),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.flush(),
            }
            if Instant::now() >= flush {
                self.flush();
                flush = Instant::now() + FLUSH;
            }
        }
    }

    fn job(&mut self, job: Job) {
        match job {
            Job::Begin(collab, session) => {
                self.films.entry(collab).or_insert(Film::Waiting(session));
            }
            Job::Frame(collab, frame) => {
                self.waiting.fetch_sub(frame.bytes.len() + EACH, Ordering::Relaxed);
                match self.frame(collab, &frame) {
                    Ok(Put::Done) => {}
                    Ok(Put::Full) => {
                        tracing::warn!(%collab, most = self.most, "a recording is as large as one may be: it ends here");
                        self.lost(collab);
                        (self.tell)(collab, Loss::Full);
                    }
                    Err(error) => self.fails(collab, &error),
                }
            }
            Job::Overrun(collab) => self.lost(collab),
            Job::End(collab) => self.end(collab),
            Job::Known(collab) => {
                if let Err(error) = self.recordings.known(collab) {
                    tracing::warn!(%collab, %error, "a recording that is known could not be renamed");
                }
            }
            Job::FinishAllBut(standing) => match self.recordings.open() {
                Ok(open) => {
                    open.into_iter().filter(|id| !standing.contains(id)).for_each(|id| self.end(id));
                }
                Err(error) => tracing::error!(%error, "what was recorded before cannot be read"),
            },
        }
    }

    /// One picture more. Of a recording that was lost, or is over, nothing more is taken.
    fn frame(&mut self, collab: CollabId, frame: &Frame) -> io::Result<Put> {
        let Some(film) = self.films.get_mut(&collab) else { return Ok(Put::Done) };
        if let Film::Waiting(session) = film {
            let Some(size) = frame.key else { return Ok(Put::Done) };
            let file = self.recordings.make(collab)?;
            let now = self.house.clock.now();
            let at = Wall(now.wall.0.saturating_sub_unsigned(now.mono.0.saturating_sub(frame.at.0) / 1000));
            *film = Film::Open(Box::new(Reel::open(file, *session, size, (frame.at, at))?));
        }
        match film {
            Film::Open(reel) => reel.put(frame, self.most),
            Film::Waiting(_) => Ok(Put::Done),
        }
    }

    fn flush(&mut self) {
        let mut failed = vec![];
        for (collab, film) in &mut self.films {
            if let Film::Open(reel) = film
                && let Err(error) = reel.flush()
            {
                failed.push((*collab, error));
            }
        }
        for (collab, error) in failed {
            self.fails(collab, &error);
        }
    }

    fn fails(&mut self, collab: CollabId, error: &io::Error) {
        tracing::error!(%collab, %error, "a recording cannot be written: it ends here");
        self.lost(collab);
        (self.tell)(collab, Loss::Disk);
    }

    /// What is on disk of it is kept, and whatever of the rest the disk still takes.
    fn lost(&mut self, collab: CollabId) {
        if let Some(film) = self.films.remove(&collab) {
            LOST.inc();
            if let Film::Open(mut reel) = film
                && let Err(error) = reel.flush()
            {
                tracing::error!(%collab, %error, "the end of a recording is lost");
            }
        }
    }

    /// It is whole: the data centre is told what there is of it. It is told again at the next start unless it answers.
    fn end(&mut self, collab: CollabId) {
        let finished = match self.films.remove(&collab) {
            Some(Film::Open(reel)) => reel.finish().map(Some),
            Some(Film::Waiting(_)) | None => self.finish_part(collab),
        };
        match finished.and_then(|reel| reel.map(|reel| whole(collab, reel)).transpose()) {
            Ok(Some(recording)) => {
                let (mut ids, at) = (self.house.ids(), self.house.clock.now().wall);
                let session = Some(recording.session);
                let keep = MediaCommand::Keep { recording };
                self.house.bus.send(Envelope::new(&mut ids, at, session, None, keep));
            }
            Ok(None) => tracing::debug!(%collab, "nothing was shown, and nothing recorded"),
            Err(error) => tracing::error!(%collab, %error, "a recording cannot be brought to its end"),
        }
    }

    /// Brings what is on disk to its end; none where no picture of it is whole.
    fn finish_part(&self, collab: CollabId) -> io::Result<Option<Reel>> {
        let Some(file) = self.recordings.part(collab)? else { return Ok(None) };
        match Reel::read(file)? {
            Some(reel) => reel.finish().map(Some),
            None => self.recordings.remove(collab).map(|()| None),
        }
    }
}

/// What there is of a recording that is finished.
fn whole(collab: CollabId, reel: Reel) -> io::Result<Recording> {
    let (session, started, ended) = (reel.session(), reel.since(), reel.ends());
    let (bytes, sha256) = recordings::sum(&mut reel.into_file())?;
    Ok(Recording { collab, session, kind: Kind::Screen, started, ended, bytes, sha256 })
}

#[cfg(test)]
mod tests;
