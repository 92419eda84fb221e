//! Files of what was recorded of collaborations: written by append, so that a process that is killed loses a torn entry at
//! the most. The collaboration server writes lines, the media server the pictures of screens; agent-gateway gives them
//! out, the data centre removes them when their time is over.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ngcc_proto::CollabId;
use ngcc_proto::collab::Kind;
use sha2::{Digest as _, Sha256};

/// What a file is called while it is written, or until the data centre knows of it.
const OPEN: &str = "part";
/// What it is called then, if it is made of lines.
const WHOLE: &str = "ngr";
/// And if it is made of pictures.
const FILM: &str = "webm";

/// The directory of recordings. Clones are the same.
#[derive(Clone, Debug)]
pub struct Recordings {
    dir: PathBuf,
    whole: &'static str,
}

/// How far a file has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Its bytes.
    pub bytes: u64,
    /// Their SHA-256, in lower-case hex.
    pub sha256: String,
    /// Its first line.
    pub first: String,
    /// Its last line; the first where there is one only.
    pub last: String,
}

impl Recordings {
    /// The recordings of a house whose data lie in `data_dir`, but those of screens. Nothing is read or made.
    pub fn in_house(data_dir: &Path) -> Self {
        Self { dir: data_dir.join("recordings").join("collab"), whole: WHOLE }
    }

    /// The recordings of screens in a house whose data lie in `data_dir`.
    pub fn of_screens(data_dir: &Path) -> Self {
        Self { dir: data_dir.join("recordings").join("screen"), whole: FILM }
    }

    /// Where what is recorded of collaborations of this kind lies.
    pub fn of(kind: Kind, data_dir: &Path) -> Self {
        match kind {
            Kind::Screen => Self::of_screens(data_dir),
            Kind::Cobrowse | Kind::Form | Kind::Whiteboard | Kind::Document | Kind::File | Kind::Url => {
                Self::in_house(data_dir)
            }
        }
    }

    /// Opens a recording for reading and writing at any place; it is made if it is not there.
    ///
    /// # Errors
    /// The disk, or the directory cannot be made.
    pub fn make(&self, collab: CollabId) -> io::Result<File> {
        std::fs::create_dir_all(&self.dir)?;
        let path = self.path(collab, OPEN);
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
    }

    /// One that is open, for reading and writing; none if there is none.
    ///
    /// # Errors
    /// The disk.
    pub fn part(&self, collab: CollabId) -> io::Result<Option<File>> {
        match OpenOptions::new().read(true).write(true).open(self.path(collab, OPEN)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a recording for appending, and cuts a torn line off its end. The second value is how many bytes it has.
    ///
    /// # Errors
    /// The disk, or the directory cannot be made.
    pub fn append(&self, collab: CollabId) -> io::Result<(File, u64)> {
        std::fs::create_dir_all(&self.dir)?;
        let path = self.path(collab, OPEN);
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        let whole = whole(&mut file)?;
        file.set_len(whole)?;
        Ok((file, whole))
    }

    /// Those that are being written, or that nobody has said of that they are known.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn open(&self) -> io::Result<Vec<CollabId>> {
        let entries = match std::fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            Err(error) => return Err(error),
        };
        let mut open = vec![];
        for entry in entries {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let id: Option<CollabId> = stem.and_then(|stem| stem.parse().ok());
            if path.extension().is_some_and(|ending| ending == OPEN) {
                open.extend(id);
            }
        }
        open.sort_unstable();
        Ok(open)
    }

    /// What there is of one that is open, once a torn line is cut off.
    ///
    /// # Errors
    /// The disk, or there is no such file.
    pub fn tail(&self, collab: CollabId) -> io::Result<Tail> {
        let mut file = OpenOptions::new().read(true).write(true).open(self.path(collab, OPEN))?;
        let bytes = whole(&mut file)?;
        file.set_len(bytes)?;
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::new(file);
        let (mut digest, mut line) = (Sha256::new(), Vec::new());
        let (mut first, mut last) = (None, Vec::new());
        while reader.read_until(b'\n', &mut line)? > 0 {
            digest.update(&line);
            first.get_or_insert_with(|| text(&line));
            std::mem::swap(&mut last, &mut line);
            line.clear();
        }
        let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Tail { bytes, sha256, first: first.unwrap_or_default(), last: text(&last) })
    }

    /// One is known from now on. It is no error that it was before.
    ///
    /// # Errors
    /// The disk.
    pub fn known(&self, collab: CollabId) -> io::Result<()> {
        missing(std::fs::rename(self.path(collab, OPEN), self.path(collab, self.whole)))
    }

    /// The file, for reading; none if it is gone.
    ///
    /// # Errors
    /// The disk.
    pub fn read(&self, collab: CollabId) -> io::Result<Option<File>> {
        for ending in [self.whole, OPEN] {
            match File::open(self.path(collab, ending)) {
                Ok(file) => return Ok(Some(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Removes one. It is no error that it is gone.
    ///
    /// # Errors
    /// The disk.
    pub fn remove(&self, collab: CollabId) -> io::Result<()> {
        missing(std::fs::remove_file(self.path(collab, OPEN)))?;
        missing(std::fs::remove_file(self.path(collab, self.whole)))
    }

    fn path(&self, collab: CollabId, ending: &str) -> PathBuf {
        self.dir.join(format!("{collab}.{ending}"))
    }
}

/// How many bytes a file has, and their SHA-256 in lower-case hex.
///
/// # Errors
/// The disk.
pub fn sum(file: &mut File) -> io::Result<(u64, String)> {
    file.seek(SeekFrom::Start(0))?;
    let mut digest = Sha256::new();
    let (mut bytes, mut buffer) = (0, vec![0; 64 * 1024]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        bytes += read as u64;
    }
    Ok((bytes, digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)).into_owned()
}

fn missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// The bytes up to the end of the last whole line, looked for from the end.
fn whole(file: &mut File) -> io::Result<u64> {
    const STEP: u64 = 64 * 1024;
    let mut end = file.metadata()?.len();
    let mut bytes = Vec::new();
    while end > 0 {
        let from = end.saturating_sub(STEP);
        file.seek(SeekFrom::Start(from))?;
        bytes.clear();
        file.by_ref().take(end - from).read_to_end(&mut bytes)?;
        if let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Ok(from + at as u64 + 1);
        }
        end = from;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const ONE: CollabId = CollabId(1);

    fn place(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("ngcc-recordings-{}-{name}", std::process::id()))
    }

    #[test]
    fn a_torn_line_is_cut_off_and_what_was_whole_goes_on() {
        let place = place("torn");
        let recordings = Recordings::in_house(&place);
        let (mut file, bytes) = recordings.append(ONE).unwrap();
        assert_eq!(bytes, 0);
        file.write_all(b"first\nsecond\nto").unwrap();
        file.write_all(&[b'x'; 200_000]).unwrap();
        let (mut file, bytes) = recordings.append(ONE).unwrap();
        assert_eq!(bytes, 13);
        file.write_all(b"third\n").unwrap();
        let tail = recordings.tail(ONE).unwrap();
        assert_eq!((tail.bytes, tail.first.as_str(), tail.last.as_str()), (19, "first", "third"));
        let digest = Sha256::digest(b"first\nsecond\nthird\n");
        assert_eq!(tail.sha256, digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        std::fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn one_is_open_until_it_is_known_and_may_be_read_until_it_is_removed() {
        let place = place("known");
        let recordings = Recordings::in_house(&place);
        assert!(recordings.open().unwrap().is_empty() && recordings.read(ONE).unwrap().is_none());
        drop(recordings.append(ONE).unwrap());
        assert_eq!(recordings.open().unwrap(), [ONE]);
        assert!(recordings.read(ONE).unwrap().is_some());
        recordings.known(ONE).unwrap();
        recordings.known(ONE).unwrap();
        assert!(recordings.open().unwrap().is_empty());
        assert!(recordings.read(ONE).unwrap().is_some());
        recordings.remove(ONE).unwrap();
        recordings.remove(ONE).unwrap();
        assert!(recordings.read(ONE).unwrap().is_none());
        std::fs::remove_dir_all(place).unwrap();
    }
}
