//! Writes what is recorded. One thread has all the files, so that no disk, however slow, holds up a page; what waits for
//! it is bounded, and a recording that cannot go on is told to the core and ends there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use ngcc_collab_core::{Input, Strip, wire};
use ngcc_proto::collab::Kind;
use ngcc_proto::recording::{Command, Loss, Recording};
use ngcc_proto::{CollabId, Envelope, SessionId, Wall};
use ngcc_runtime::{Counter, House, Inbox, Recordings};
use serde::{Deserialize, Serialize};

static LOST: Counter =
    Counter::new("ngcc_recordings_lost_total", "Recordings of collaborations that could not go on.");

/// The most bytes that wait for the disk.
const WAITING: usize = 64 * 1024 * 1024;
/// How long an entry may be in memory only.
const FLUSH: Duration = Duration::from_millis(500);
/// The version of the files' form.
const VERSION: u8 = 1;

/// The first line of a file.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    v: u8,
    collab: CollabId,
    session: SessionId,
    kind: Kind,
    since: Wall,
}

/// Something to be done with a recording.
enum Job {
    Begin(CollabId, Head),
    /// When, and one line with its end.
    Entry(CollabId, u64, String),
    /// Nothing more is written to it: entries that were to come are lost.
    Overrun(CollabId),
    End(CollabId),
    Known(CollabId),
    /// Every recording that is open and not one of these has come to its end.
    FinishAllBut(BTreeSet<CollabId>),
}

/// The way to the thread that writes.
#[derive(Debug)]
pub(crate) struct Recorder {
    jobs: Sender<Job>,
    /// The bytes that wait.
    waiting: Arc<AtomicUsize>,
}

impl Recorder {
    /// Starts the thread. It ends, with everything written, when the recorder is dropped.
    pub(crate) fn start(house: &House, most: u64, inbox: Inbox<Input>) -> Self {
        let (jobs, queue) = channel();
        let waiting = Arc::<AtomicUsize>::default();
        let files = BTreeMap::new();
        let recordings = Recordings::in_house(&house.data_dir);
        let (part, waits) = (house.part(), Arc::clone(&waiting));
        let mut writer = Writer { house: house.clone(), recordings, most, inbox, files, waiting: waits };
        std::thread::spawn(move || {
            writer.run(&queue);
            // Whoever waits for the parts' end finds nothing of the house in use.
            drop(writer);
            drop(part);
        });
        Self { jobs, waiting }
    }

    /// Does what the core wants recorded.
    pub(crate) fn put(&self, collab: CollabId, strip: Strip) {
        let job = match strip {
            Strip::Begin { session, kind, since } => {
                Job::Begin(collab, Head { v: VERSION, collab, session, kind, since })
            }
            Strip::Entry { at, tell } => {
                let line = format!("{{\"at\":{at},\"frame\":{}}}\n", wire::write(None, &tell));
                let size = line.len();
                if self.waiting.fetch_add(size, Ordering::Relaxed) + size > WAITING {
                    self.waiting.fetch_sub(size, Ordering::Relaxed);
                    Job::Overrun(collab)
                } else {
                    Job::Entry(collab, at, line)
                }
            }
            Strip::End => Job::End(collab),
            Strip::Known => Job::Known(collab),
        };
        self.send(job);
    }

    /// After a start: recordings of any other collaboration than these have come to their end.
    pub(crate) fn finish_all_but(&self, standing: Vec<CollabId>) {
        self.send(Job::FinishAllBut(standing.into_iter().collect()));
    }

    fn send(&self, job: Job) {
        if self.jobs.send(job).is_err() {
            tracing::error!("the thread that writes recordings is gone");
        }
    }
}

/// A file that is being written.
struct Open {
    out: BufWriter<File>,
    bytes: u64,
    /// Whether something is in memory only.
    dirty: bool,
}

struct Writer {
    house: House,
    recordings: Recordings,
    most: u64,
    inbox: Inbox<Input>,
    files: BTreeMap<CollabId, Open>,
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
            Job::Begin(collab, head) => {
                if let Err(error) = self.begin(collab, &head) {
                    self.fails(collab, &error);
                }
            }
            Job::Entry(collab, at, line) => {
                self.waiting.fetch_sub(line.len(), Ordering::Relaxed);
                self.entry(collab, at, line.as_bytes());
            }
            Job::Overrun(collab) => {
                self.fails(collab, &io::Error::other("the disk takes too long"));
            }
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

    fn begin(&mut self, collab: CollabId, head: &Head) -> io::Result<()> {
        if self.files.contains_key(&collab) {
            return Ok(());
        }
        let (file, mut bytes) = self.recordings.append(collab)?;
        let mut out = BufWriter::new(file);
        if bytes == 0 {
            let mut line = serde_json::to_vec(head)?;
            line.push(b'\n');
            out.write_all(&line)?;
            bytes = line.len() as u64;
        }
        self.files.insert(collab, Open { out, bytes, dirty: true });
        Ok(())
    }

    /// One line more. Of a recording that was lost nothing more is taken.
    fn entry(&mut self, collab: CollabId, at: u64, line: &[u8]) {
        let Some(open) = self.files.get_mut(&collab) else { return };
        if open.bytes + line.len() as u64 > self.most {
            tracing::warn!(%collab, most = self.most, "a recording is as large as one may be: it ends here");
            // The limit is told in the file too, in a few bytes beyond it.
            let marked = writeln!(open.out, "{{\"at\":{at},\"full\":true}}");
            if marked.and_then(|()| open.out.flush()).is_err() {
                tracing::warn!(%collab, "nor could that be written");
            }
            return self.lost(collab, Loss::Full);
        }
        open.bytes += line.len() as u64;
        open.dirty = true;
        if let Err(error) = open.out.write_all(line) {
            self.fails(collab, &error);
        }
    }

    fn flush(&mut self) {
        let mut failed = vec![];
        for (collab, open) in self.files.iter_mut().filter(|(_, open)| open.dirty) {
            open.dirty = false;
            failed.extend(open.out.flush().err().map(|error| (*collab, error)));
        }
        for (collab, error) in failed {
            self.fails(collab, &error);
        }
    }

    fn fails(&mut self, collab: CollabId, error: &io::Error) {
        tracing::error!(%collab, %error, "a recording cannot be written: it ends here");
        self.lost(collab, Loss::Disk);
    }

    fn lost(&mut self, collab: CollabId, loss: Loss) {
        LOST.inc();
        if let Some(open) = self.files.remove(&collab) {
            // What is in memory does not go to the disk that has failed; what follows a full one was flushed.
            let _ = open.out.into_parts();
        }
        self.inbox.put(Input::Unrecorded { collab, loss });
    }

    /// It is whole: the data centre is told what there is of it. It is told again at the next start unless it answers.
    fn end(&mut self, collab: CollabId) {
        if let Some(mut open) = self.files.remove(&collab)
            && let Err(error) = open.out.flush()
        {
            tracing::error!(%collab, %error, "the end of a recording is lost");
        }
        match self.whole(collab) {
            Ok(Some(recording)) => {
                let (mut ids, at) = (self.house.ids(), self.house.clock.now().wall);
                let session = Some(recording.session);
                let keep = Command::Keep { recording };
                self.house.bus.send(Envelope::new(&mut ids, at, session, None, keep));
            }
            Ok(None) => tracing::warn!(%collab, "a recording has no beginning: it is left as it is"),
            Err(error) => tracing::error!(%collab, %error, "a recording cannot be read"),
        }
    }

    fn whole(&self, collab: CollabId) -> io::Result<Option<Recording>> {
        #[derive(Deserialize)]
        struct At {
            #[serde(default)]
            at: i64,
        }
        let tail = self.recordings.tail(collab)?;
        let Ok(Head { session, kind, since, .. }) = serde_json::from_str(&tail.first) else {
            return Ok(None);
        };
        let at = serde_json::from_str(&tail.last).map_or(0, |At { at }| at);
        let ended = Wall(since.0.saturating_add(at));
        let (bytes, sha256) = (tail.bytes, tail.sha256);
        Ok(Some(Recording { collab, session, kind, started: since, ended, bytes, sha256 }))
    }
}

#[cfg(test)]
mod tests;
