//! IMAP, as much of it as a reader of mail needs (RFC 3501, IDLE).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use tokio::sync::watch;

use super::{ADDRESS, Inner, Lies, Mailbox, PASSWORD, Talk, Ways};

/// Letters of one numbering are so far from those of the next.
const ERA: u32 = 1000;

impl Lies {
    fn uid_in(&self, mailbox: &Mailbox) -> u32 {
        self.uid + mailbox.era * ERA
    }
}

pub(super) async fn serve(mut talk: Talk, inner: &Inner) -> Option<()> {
    talk.says("* OK ready").await?;
    let (mut secure, mut signed_in) = (inner.mail.ways() != Ways::StartTls, false);
    // The numbering that was told when the mailbox was opened.
    let mut era = None;
    // How many letters the reader knows of: what has come since is told as soon as it idles.
    let mut told = 0;
    loop {
        let line = talk.hears().await?;
        let (tag, command) = line.split_once(' ')?;
        let fine = format!("{tag} OK done");
        if era.is_some_and(|era| era != inner.mail.mailbox.borrow().era) {
            return talk.says("* BYE numbered anew").await;
        }
        match command {
            "CAPABILITY" if secure => {
                talk.says("* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE").await?;
                talk.says(&fine).await?;
            }
            "STARTTLS" if !secure => {
                talk.says(&fine).await?;
                talk = talk.secures(inner).await?;
                secure = true;
            }
            "AUTHENTICATE PLAIN" if secure => {
                talk.says("+ ").await?;
                let proof = talk.hears().await?;
                signed_in = proof == BASE64.encode(format!("\0{ADDRESS}\0{PASSWORD}"));
                let refused = format!("{tag} NO [AUTHENTICATIONFAILED] no such name and password");
                talk.says(if signed_in { &fine } else { &refused }).await?;
            }
            "SELECT INBOX" if signed_in => {
                let (exists, now) = {
                    let mailbox = inner.mail.mailbox.borrow();
                    (mailbox.letters.len(), mailbox.era)
                };
                (era, told) = (Some(now), exists);
                talk.says(&format!("* {exists} EXISTS")).await?;
                talk.says(&format!("* OK [UIDVALIDITY {}] valid", now + 1)).await?;
                talk.says(&format!("{tag} OK [READ-WRITE] done")).await?;
            }
            "IDLE" if era.is_some() => idles(&mut talk, inner, &fine, &mut told).await?,
            _ if era.is_some() => acts(&mut talk, inner, command, (tag, &fine)).await?,
            _ => talk.says(&format!("{tag} BAD not now")).await?,
        }
    }
}

/// How many letters there are, and in which numbering.
fn looks(mailbox: &mut watch::Receiver<Mailbox>) -> (usize, u32) {
    let now = mailbox.borrow_and_update();
    (now.letters.len(), now.era)
}

async fn idles(talk: &mut Talk, inner: &Inner, fine: &str, told: &mut usize) -> Option<()> {
    talk.says("+ idling").await?;
    let mut mailbox = inner.mail.mailbox.subscribe();
    let (_, era) = looks(&mut mailbox);
    loop {
        let (exists, now) = looks(&mut mailbox);
        if now != era {
            return None;
        }
        if exists != *told {
            *told = exists;
            talk.says(&format!("* {exists} EXISTS")).await?;
        }
        tokio::select! {
            line = talk.hears() => {
                assert_eq!(line?, "DONE");
                return talk.says(fine).await;
            }
            changed = mailbox.changed() => changed.ok()?,
        }
    }
}

async fn acts(talk: &mut Talk, inner: &Inner, command: &str, (tag, fine): (&str, &str)) -> Option<()> {
    let words: Vec<&str> = command.split(' ').collect();
    match words[..] {
        ["UID", "SEARCH", "UNSEEN"] => {
            let unseen: Vec<String> = {
                let mailbox = inner.mail.mailbox.borrow();
                let unseen = mailbox.letters.iter().filter(|letter| !letter.seen);
                unseen.map(|letter| letter.uid_in(&mailbox).to_string()).collect()
            };
            talk.says(&format!("* SEARCH {}", unseen.join(" "))).await?;
        }
        ["UID", "FETCH", uid, what] => {
            if let Some(letter) = find(inner, uid) {
                let raw = &letter.raw;
                let part = what.strip_prefix("(BODY.PEEK[]<0.").and_then(|rest| rest.strip_suffix(">)"));
                if let Some(most) = part {
                    let bytes = &raw[..raw.len().min(most.parse().ok()?)];
                    let head = format!("* {} FETCH (UID {uid} BODY[]<0> {{{}}}\r\n", letter.uid, bytes.len());
                    talk.writes(&[head.as_bytes(), bytes, b")\r\n"].concat()).await?;
                } else {
                    assert_eq!(what, "(RFC822.SIZE)");
                    talk.says(&format!("* {} FETCH (RFC822.SIZE {} UID {uid})", letter.uid, raw.len()))
                        .await?;
                }
            }
        }
        ["UID", "STORE", uid, "+FLAGS.SILENT", "(\\Seen)"] => {
            let number = find(inner, uid)?.uid;
            inner.mail.mailbox.send_modify(|mailbox| mailbox.marks += 1);
            let mut mailbox = inner.mail.mailbox.subscribe();
            // A server that is slow: it has not done it if the other side has gone meanwhile.
            tokio::select! {
                _ = talk.hears() => return None,
                free = mailbox.wait_for(|mailbox| !mailbox.held) => drop(free.ok()?),
            }
            inner.mail.mailbox.send_modify(|mailbox| {
                let letter = mailbox.letters.iter_mut().find(|letter| letter.uid == number);
                letter.expect("it lies there").seen = true;
            });
        }
        ["NOOP"] => {}
        _ => return talk.says(&format!("{tag} BAD what")).await,
    }
    talk.says(fine).await
}

fn find(inner: &Inner, uid: &str) -> Option<Lies> {
    let mailbox = inner.mail.mailbox.borrow();
    mailbox.letters.iter().find(|letter| letter.uid_in(&mailbox).to_string() == uid).cloned()
}
