//! One recording's file: pictures are put behind one another, and what a kill has torn is cut off when it goes on.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use ngcc_ivr_core::film::webm::{self, Beginning, CLUSTER_HEAD, CLUSTER_MS, CLUSTER_SIZE, Cue};
use ngcc_ivr_core::film::{Frame, Size};
use ngcc_proto::{Mono, SessionId, Wall};

/// How much is in memory before it is written in any case.
const MOST_PENDING: usize = 256 * 1024;
/// How long the last picture is shown, in milliseconds: as long as one of twenty-five a second.
const LAST_MS: u64 = 40;

/// See the module.
pub(super) struct Reel {
    file: File,
    /// The bytes of it that are written.
    written: u64,
    /// What is in memory only.
    pending: Vec<u8>,
    beginning: Beginning,
    /// A moment of this run, and which one of the recording it is, in milliseconds.
    zero: (Mono, u64),
    /// Where the cluster that is being written begins, and at what time.
    cluster: Option<(u64, u64)>,
    cues: Vec<Cue>,
    /// The time of the last picture.
    last: Option<u64>,
}

/// Whether a picture was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    Done,
    /// The recording is as large as one may be.
    Full,
}

impl Reel {
    /// Goes on with what is in the file, or begins. `now` is the first picture's time, in both calendars.
    pub(super) fn open(
        file: File,
        session: SessionId,
        size: Size,
        (mono, wall): (Mono, Wall),
    ) -> io::Result<Self> {
        if let Some(mut reel) = Self::read(file.try_clone()?)? {
            let at = wall.0.saturating_sub(reel.beginning.since.0);
            reel.zero = (mono, u64::try_from(at).unwrap_or(0));
            return Ok(reel);
        }
        // The beginning itself was torn: nothing is lost with it.
        file.set_len(0)?;
        let beginning = Beginning { session, since: wall };
        let pending = webm::head(session, wall, size);
        Ok(Self {
            file,
            written: 0,
            pending,
            beginning,
            zero: (mono, 0),
            cluster: None,
            cues: vec![],
            last: None,
        })
    }

    /// Reads what is in the file, and cuts off what was torn; none where no picture is whole.
    pub(super) fn read(file: File) -> io::Result<Option<Self>> {
        let length = file.metadata()?.len();
        let head = bytes_at(&file, 0, webm::head_length())?;
        let Some(beginning) = webm::beginning(&head) else { return Ok(None) };
        let mut reel = Self {
            written: head.len() as u64,
            file,
            pending: vec![],
            beginning,
            zero: (Mono(0), 0),
            cluster: None,
            cues: vec![],
            last: None,
        };
        let (mut at, mut current) = (reel.written, None);
        loop {
            let bytes = bytes_at(&reel.file, at, CLUSTER_HEAD)?;
            if let Some(time) = webm::cluster_time(&bytes) {
                current = Some((at, time));
                at += CLUSTER_HEAD as u64;
                continue;
            }
            let (Some((place, time)), Some(block)) = (current, webm::block_head(&bytes)) else { break };
            let end = at.saturating_add(block.length);
            if end > length {
                break;
            }
            if block.is_key && at == place + CLUSTER_HEAD as u64 {
                reel.cues.push(Cue { at: time, place });
            }
            (reel.last, reel.cluster) = (Some(time + block.after), current);
            (at, reel.written) = (end, end);
        }
        if reel.last.is_none() {
            return Ok(None);
        }
        reel.file.set_len(reel.written)?;
        Ok(Some(reel))
    }

    /// Puts a picture behind the others.
    pub(super) fn put(&mut self, frame: &Frame, most: u64) -> io::Result<Put> {
        let size = (frame.bytes.len() + CLUSTER_HEAD + webm::BLOCK_HEAD) as u64;
        if self.length() + size > most {
            return Ok(Put::Full);
        }
        let (mono, at) = self.zero;
        let at = at.saturating_add_signed(frame.at.0.cast_signed().wrapping_sub(mono.0.cast_signed()) / 1000);
        // The calendar may have been set back over a restart: what comes later stands behind what came before.
        let at = self.last.map_or(at, |last| at.max(last + 1));
        let begun = self.cluster.filter(|(_, time)| frame.key.is_none() && at - time <= CLUSTER_MS);
        let time = match begun {
            Some((_, time)) => time,
            None => {
                self.close_cluster()?;
                let place = self.length();
                if frame.key.is_some() {
                    self.cues.push(Cue { at, place });
                }
                self.cluster = Some((place, at));
                webm::cluster(&mut self.pending, at);
                at
            }
        };
        webm::block(&mut self.pending, at - time, frame.key.is_some(), &frame.bytes);
        self.last = Some(at);
        if self.pending.len() >= MOST_PENDING {
            self.flush()?;
        }
        Ok(Put::Done)
    }

    /// Writes what is in memory only.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.file.write_all_at(&self.pending, self.written)?;
        self.written += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// It is over: everything is on disk, and it can be sought in. One that was finished before stays as it is.
    pub(super) fn finish(mut self) -> io::Result<Self> {
        self.close_cluster()?;
        self.flush()?;
        let ends = self.last.unwrap_or(0) + LAST_MS;
        for (place, bytes) in webm::ending(self.written, ends, &self.cues) {
            self.file.write_all_at(&bytes, place)?;
        }
        self.file.sync_all()?;
        Ok(self)
    }

    /// Of which session it is.
    pub(super) fn session(&self) -> SessionId {
        self.beginning.session
    }

    /// When it began.
    pub(super) fn since(&self) -> Wall {
        self.beginning.since
    }

    /// When its last picture ends.
    pub(super) fn ends(&self) -> Wall {
        let ends = i64::try_from(self.last.unwrap_or(0) + LAST_MS).unwrap_or(i64::MAX);
        Wall(self.beginning.since.0.saturating_add(ends))
    }

    pub(super) fn into_file(self) -> File {
        self.file
    }

    fn length(&self) -> u64 {
        self.written + self.pending.len() as u64
    }

    /// How long the cluster is that was being written is known now.
    fn close_cluster(&mut self) -> io::Result<()> {
        let Some((place, _)) = self.cluster.take() else { return Ok(()) };
        self.flush()?;
        let (at, inner) = CLUSTER_SIZE;
        let size = webm::known_size(self.written - place - inner);
        self.file.write_all_at(&size, place + at)
    }
}

/// What stands at a place of a file: less than `length` bytes at its end.
fn bytes_at(file: &File, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut read = 0;
    while read < length {
        match file.read_at(&mut bytes[read..], at + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(read);
    Ok(bytes)
}
