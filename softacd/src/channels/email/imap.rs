//! The little of IMAP (RFC 3501, RFC 2177) that a mailbox takes: what is unseen, how large it is, itself, that it is seen
//! now, and to be told when there is more. Everything a server says is bounded; what is not understood is passed over.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ngcc_proto::Secret;
use ngcc_proto::config::{Guarded, MailHost};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::super::provider::{Failed, Told};
use super::line::{Line, connect, secure};

/// How long a server may take to answer, and to hand over a letter.
const PATIENCE: Duration = Duration::from_secs(30);
const HANDING_OVER: Duration = Duration::from_secs(180);
/// The longest line; a list of letters may be long.
const MAX_LINE: u64 = 1 << 20;
/// The most bytes beside lines where no letter is asked for, and the most pieces of one answer.
const MAX_PIECE: usize = 64 * 1024;
const MOST_PIECES: usize = 8;
/// The most answers to one command, and the most letters that are looked at in one go.
const MOST_ANSWERS: usize = 10_000;
const AT_ONCE: usize = 100;

/// One answer: its lines, put together, and the bytes that stood between them.
#[derive(Debug, Default)]
struct Answer {
    line: String,
    pieces: Vec<Vec<u8>>,
}

/// A mailbox that is open.
pub(super) struct Imap {
    line: BufReader<Box<dyn Line>>,
    last: u32,
    /// What the server can, in capitals.
    can: Vec<String>,
    /// It has said that there is more since it was asked what is unseen.
    more: bool,
}

impl Imap {
    /// Connects, signs in and opens the account's INBOX.
    pub(super) async fn open(host: &MailHost, user: &str, password: &Secret) -> Result<Self, Failed> {
        let line = BufReader::new(connect(host).await?);
        let mut imap = Self { line, last: 0, can: vec![], more: false };
        let greeting = imap.answer(MAX_PIECE).await?.line;
        if !greeting.starts_with("* OK") && !greeting.starts_with("* PREAUTH") {
            return Err(Failed::Now("the server takes nobody now".to_owned()));
        }
        if host.guarded == Guarded::StartTls {
            imap.command("STARTTLS", MAX_PIECE).await?;
            if !imap.line.buffer().is_empty() {
                // It would be taken for said under TLS.
                return Err(Failed::Now("the server says more before TLS than it may".to_owned()));
            }
            imap.line = BufReader::new(secure(imap.line.into_inner(), &host.host).await?);
        }
        imap.looks().await?;
        imap.signs_in(user, password).await?;
        imap.looks().await?;
        if imap.can("ID") {
            // Some providers take nobody who does not say what they are.
            let name = concat!("ID (\"name\" \"ngcc\" \"version\" \"", env!("CARGO_PKG_VERSION"), "\")");
            imap.command(name, MAX_PIECE).await?;
        }
        let opened = imap.command("SELECT INBOX", MAX_PIECE).await?;
        if opened.iter().any(|answer| answer.line.contains("[READ-ONLY]")) {
            return Err(Failed::Now("the mailbox cannot be written to".to_owned()));
        }
        Ok(imap)
    }

    /// The letters that are unseen, oldest first; not all of them, if there are many.
    pub(super) async fn unseen(&mut self) -> Result<Vec<u32>, Failed> {
        self.more = false;
        let answers = self.command("UID SEARCH UNSEEN", MAX_PIECE).await?;
        let lists = answers.iter().filter_map(|answer| answer.line.strip_prefix("* SEARCH"));
        let mut all: Vec<u32> =
            lists.flat_map(|list| list.split_whitespace()).filter_map(|uid| uid.parse().ok()).collect();
        all.sort_unstable();
        all.dedup();
        self.more |= all.len() > AT_ONCE;
        all.truncate(AT_ONCE);
        Ok(all)
    }

    /// How many bytes a letter has; none if it is not there any more.
    pub(super) async fn size(&mut self, uid: u32) -> Result<Option<u64>, Failed> {
        let answers = self.command(&format!("UID FETCH {uid} (RFC822.SIZE)"), MAX_PIECE).await?;
        let size = |answer: &Answer| {
            let (_, rest) = answer.line.split_once("RFC822.SIZE ")?;
            rest.split([' ', ')']).next()?.parse().ok()
        };
        Ok(answers.iter().filter(|answer| is_of(answer, uid)).find_map(size))
    }

    /// A letter, at most `most` bytes from its beginning; none if it is not there any more.
    pub(super) async fn letter(&mut self, uid: u32, most: usize) -> Result<Option<Vec<u8>>, Failed> {
        let asked = format!("UID FETCH {uid} (BODY.PEEK[]<0.{most}>)");
        let answers = timeout(HANDING_OVER, self.command(&asked, most)).await.map_err(|_| late())??;
        let letter = |mut answer: Answer| {
            let (_, rest) =
                answer.line.split_once("BODY[]<0> ").or_else(|| answer.line.split_once("BODY[] "))?;
            // A short one may stand in the line.
            let quoted = rest.strip_prefix('"').map(unquoted);
            if let Some(quoted) = quoted {
                return Some(quoted.into_bytes());
            }
            (!answer.pieces.is_empty()).then(|| answer.pieces.swap_remove(0))
        };
        Ok(answers.into_iter().filter(|answer| is_of(answer, uid)).find_map(letter))
    }

    /// A letter is seen.
    pub(super) async fn seen(&mut self, uid: u32) -> Result<(), Failed> {
        self.command(&format!("UID STORE {uid} +FLAGS.SILENT (\\Seen)"), MAX_PIECE).await.map(|_| ())
    }

    /// Waits until there is more or the time has come to look again.
    pub(super) async fn waits(&mut self, time: Duration) -> Result<(), Failed> {
        if self.more {
            return Ok(());
        }
        if !self.can("IDLE") {
            sleep(time).await;
            return self.command("NOOP", MAX_PIECE).await.map(|_| ());
        }
        let tag = self.begins("IDLE").await?;
        self.invited(&tag).await?;
        let until = Instant::now() + time;
        while !self.more {
            // Only whether there is anything is waited for: a line that has begun is read to its end.
            let come = match timeout_at(until, self.line.fill_buf()).await {
                Ok(read) => read.is_ok_and(|bytes| !bytes.is_empty()),
                Err(_) => break,
            };
            if !come {
                return Err(gone());
            }
            self.answer(MAX_PIECE).await?;
        }
        self.writes("DONE\r\n").await?;
        self.until(&tag, MAX_PIECE).await.map(|_| ())
    }

    fn can(&self, what: &str) -> bool {
        self.can.iter().any(|can| can == what)
    }

    /// Asks what the server can.
    async fn looks(&mut self) -> Result<(), Failed> {
        let answers = self.command("CAPABILITY", MAX_PIECE).await?;
        let lists = answers.iter().filter_map(|answer| answer.line.strip_prefix("* CAPABILITY "));
        self.can = lists.flat_map(|list| list.split_whitespace()).take(200).map(str::to_uppercase).collect();
        Ok(())
    }

    async fn signs_in(&mut self, user: &str, password: &Secret) -> Result<(), Failed> {
        let (tag, proof) = if self.can("AUTH=PLAIN") {
            let tag = self.begins("AUTHENTICATE PLAIN").await?;
            self.invited(&tag).await?;
            let proof = BASE64.encode(format!("\0{user}\0{}", password.expose()));
            self.writes(&format!("{proof}\r\n")).await?;
            (tag, proof)
        } else {
            let (user, password) = (quoted(user), quoted(password.expose()));
            let (Some(user), Some(password)) = (user, password) else {
                let why = "the server takes no name or password with such characters";
                return Err(Failed::Now(why.to_owned()));
            };
            (self.begins(&format!("LOGIN {user} {password}")).await?, password)
        };
        match self.done(&tag, MAX_PIECE).await? {
            Ok(_) => Ok(()),
            // What proves us stands in no words, should the server say it back.
            Err(words) => Err(Failed::Token(Told::new(0, Some(&words.replace(&proof, "…"))))),
        }
    }

    /// The server has taken a command that is to go on.
    async fn invited(&mut self, tag: &str) -> Result<(), Failed> {
        for _ in 0..MOST_ANSWERS {
            let answer = self.answer(MAX_PIECE).await?;
            if answer.line.starts_with('+') {
                return Ok(());
            }
            if answer.line.starts_with(tag) {
                return Err(refused());
            }
        }
        Err(talkative())
    }

    /// A command and everything that is answered to it, once it is done.
    async fn command(&mut self, what: &str, most: usize) -> Result<Vec<Answer>, Failed> {
        let tag = self.begins(what).await?;
        self.until(&tag, most).await
    }

    async fn begins(&mut self, what: &str) -> Result<String, Failed> {
        self.last += 1;
        let tag = format!("n{}", self.last);
        self.writes(&format!("{tag} {what}\r\n")).await?;
        Ok(tag)
    }

    async fn writes(&mut self, text: &str) -> Result<(), Failed> {
        let writing = async {
            self.line.write_all(text.as_bytes()).await?;
            self.line.flush().await
        };
        timeout(PATIENCE, writing).await.map_err(|_| late())?.map_err(|_| gone())
    }

    /// Everything up to the answer of this tag, which has to be that it is done.
    async fn until(&mut self, tag: &str, most: usize) -> Result<Vec<Answer>, Failed> {
        self.done(tag, most).await?.map_err(|_| refused())
    }

    /// The same; or what the server says instead.
    async fn done(&mut self, tag: &str, most: usize) -> Result<Result<Vec<Answer>, String>, Failed> {
        let mut all = vec![];
        for _ in 0..MOST_ANSWERS {
            let answer = self.answer(most).await?;
            let Some(done) = answer.line.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' ')) else {
                all.push(answer);
                continue;
            };
            if !done.to_ascii_uppercase().starts_with("OK") {
                return Ok(Err(done.to_owned()));
            }
            all.push(answer);
            return Ok(Ok(all));
        }
        Err(talkative())
    }

    /// The next answer; at most `most` bytes of what stands between its lines.
    async fn answer(&mut self, most: usize) -> Result<Answer, Failed> {
        let mut answer = Answer::default();
        let mut left = most;
        loop {
            let line = timeout(PATIENCE, self.read_line()).await.map_err(|_| late())??;
            answer.line.push_str(&line);
            let Some(size) = announced(&line) else { break };
            if size > left || answer.pieces.len() >= MOST_PIECES {
                return Err(Failed::Now("the server hands over more than it was asked for".to_owned()));
            }
            left -= size;
            let mut bytes = vec![0; size];
            let reading = self.line.read_exact(&mut bytes);
            timeout(HANDING_OVER, reading).await.map_err(|_| late())?.map_err(|_| gone())?;
            answer.pieces.push(bytes);
        }
        if answer.line.starts_with("* BYE") {
            return Err(Failed::Now("the server ends the connection".to_owned()));
        }
        let mut words = answer.line.split_whitespace().skip(1);
        self.more |= answer.line.starts_with("* ") && words.nth(1).is_some_and(|word| word == "EXISTS");
        Ok(answer)
    }

    async fn read_line(&mut self) -> Result<String, Failed> {
        let mut line = vec![];
        (&mut self.line).take(MAX_LINE).read_until(b'\n', &mut line).await.map_err(|_| gone())?;
        if line.pop() != Some(b'\n') {
            return Err(gone());
        }
        line.pop_if(|last| *last == b'\r');
        Ok(String::from_utf8_lossy(&line).into_owned())
    }
}

fn refused() -> Failed {
    // What a server says of it may hold anything.
    Failed::Now("the server does not do what it is asked".to_owned())
}

fn talkative() -> Failed {
    Failed::Now("the server says too much".to_owned())
}

fn late() -> Failed {
    Failed::Now("the server takes too long".to_owned())
}

fn gone() -> Failed {
    Failed::Now("the connection is lost".to_owned())
}

/// Whether an answer is what was fetched of the letter `uid`.
fn is_of(answer: &Answer, uid: u32) -> bool {
    let mut words = answer
        .line
        .split(|c: char| c.is_whitespace() || c == '(' || c == ')')
        .skip_while(|word| *word != "UID");
    answer.line.starts_with("* ") && words.nth(1).and_then(|given| given.parse().ok()) == Some(uid)
}

/// How many bytes a line says that follow it.
fn announced(line: &str) -> Option<usize> {
    let (_, size) = line.strip_suffix('}')?.rsplit_once('{')?;
    size.trim_end_matches('+').parse().ok()
}

/// A text in quotes; none if it has characters that cannot stand there.
fn quoted(text: &str) -> Option<String> {
    let fine = text.bytes().all(|b| (0x20..0x7f).contains(&b));
    fine.then(|| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// What stands in quotes, behind the first.
fn unquoted(rest: &str) -> String {
    let (mut out, mut escaped) = (String::new(), false);
    for c in rest.chars() {
        match c {
            _ if escaped => {
                escaped = false;
                out.push(c);
            }
            '\\' => escaped = true,
            '"' => break,
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;
    use tokio::io::{join, sink};

    use super::*;

    /// A mailbox whose server has said all this already.
    fn said(bytes: &[u8]) -> Imap {
        let line: Box<dyn Line> = Box::new(join(Cursor::new(bytes.to_vec()), sink()));
        Imap { line: BufReader::new(line), last: 0, can: vec![], more: false }
    }

    #[tokio::test]
    async fn answers_are_read_as_servers_give_them() {
        let found = said(b"* 9 EXISTS\r\n* SEARCH 7 3\r\n* SEARCH 12\r\nn1 OK done\r\n").unseen().await;
        assert_eq!(found.unwrap(), [3, 7, 12]);
        let sized = b"* 2 FETCH (UID 8 RFC822.SIZE 1)\r\n* 1 FETCH (RFC822.SIZE 42 UID 7)\r\nn1 OK\r\n";
        assert_eq!(said(sized).size(7).await.unwrap(), Some(42));
        assert_eq!(said(b"n1 OK nothing\r\n").size(7).await.unwrap(), None);
        let whole = b"* 1 FETCH (UID 7 BODY[]<0> {5}\r\na\r\nb)\r\n)\r\nn1 OK\r\n";
        assert_eq!(said(whole).letter(7, 100).await.unwrap().as_deref(), Some(&b"a\r\nb)"[..]));
        let short = b"* 1 FETCH (BODY[] \"a\\\"b\" UID 7)\r\nn1 OK\r\n";
        assert_eq!(said(short).letter(7, 100).await.unwrap().as_deref(), Some(&b"a\"b"[..]));
        assert_eq!(quoted("p\"a\\").as_deref(), Some("\"p\\\"a\\\\\""));
        assert_eq!(quoted("a\r\nb"), None);
    }

    #[tokio::test]
    async fn a_server_that_says_no_or_too_much_is_left() {
        let too_much = b"* 1 FETCH (UID 7 BODY[]<0> {101}\r\n";
        let long = [b"* ".to_vec(), vec![b'x'; 2 << 20]].concat();
        for bytes in [
            &too_much[..],
            &long,
            b"n1 NO\r\n",
            b"n1 BAD\r\n",
            b"* BYE\r\n",
            b"",
            b"n1 OK",
            b"{9999999999999999999999}\r\n",
        ] {
            assert!(said(bytes).letter(7, 100).await.is_err());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

        #[test]
        fn whatever_a_server_says_does_no_harm(pieces in prop::collection::vec(prop::sample::select(&[
            "* ", "n1 OK", "\r\n", "{3}", "{}", "FETCH (UID 7 ", "BODY[]<0> ", "\"a\\", "RFC822.SIZE ", "SEARCH 1 x", "\u{fffd}", ")", "+", "EXISTS",
        ][..]), 0..30)) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let bytes = pieces.concat();
            runtime.block_on(async {
                let _ = said(bytes.as_bytes()).unseen().await;
                let _ = said(bytes.as_bytes()).size(7).await;
                if let Ok(Some(letter)) = said(bytes.as_bytes()).letter(7, 100).await {
                    assert!(letter.len() <= bytes.len());
                }
            });
        }
    }
}
