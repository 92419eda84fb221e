//! Signing in (S1-01, S1-02): who somebody is by user name and password, and whose a token is. Memory is the truth,
//! the business database its record: while that stalls, people still sign in.

mod tokens;

use std::time::Duration;

use ngcc_proto::ask::Act;
use ngcc_proto::auth::{Command, Event, Grant, Permission};
use ngcc_proto::config::UserRole;
use ngcc_proto::{MessageId, Mono, Secret, Wall};
use ngcc_runtime::Counter;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::book::{Known, Person};
use super::guard::{Address, Guard, Verdict, Whose, is_loopback};
use super::hashing::Hashing;
use super::ledger::{Entry, Ledger, PATIENCE};
use crate::voice::Voice;
pub(super) use tokens::Tokens;

static GRANTED: Counter = Counter::new("ngcc_sign_ins_total", "Sign-ins to the console.");
static REFUSED: Counter =
    Counter::new("ngcc_sign_ins_refused_total", "Refused sign-ins to the console, for whatever reason.");
static UNNOTED: Counter = Counter::new(
    "ngcc_sign_ins_refused_unnoted_total",
    "Refused sign-ins beyond those that the audit takes in a minute.",
);

/// How long a sign-in lasts.
const LASTS: Duration = Duration::from_hours(12);
/// The most passwords that wait to be compared.
const MOST_WAITING: usize = 256;
/// The most bytes of a password and characters of a name that are looked at.
const MOST_PASSWORD: usize = 1024;
const MOST_NAME: usize = 64;
/// The most refusals a minute that the audit takes: a flood of them must not fill the disk.
const MOST_NOTED: u32 = 300;
const MINUTE: Duration = Duration::from_mins(1);

/// The desk at which people sign in.
pub(super) struct SignIn {
    pub(super) known: watch::Receiver<Known>,
    pub(super) tokens: Tokens,
    pub(super) ledger: Ledger,
    pub(super) hashing: Hashing,
    pub(super) voice: Voice,
    /// Passwords that everybody knows, good from this machine only.
    pub(super) loopback_passwords: Vec<String>,
    /// See [`Hashing::nobodys`].
    pub(super) nobodys: String,
    pub(super) guard: Guard,
    pub(super) noted: Noted,
}

/// How many refusals have been noted in the present minute.
#[derive(Debug, Default)]
pub(super) struct Noted {
    since: Mono,
    count: u32,
}

/// An attempt to sign in.
struct Attempt {
    cause: MessageId,
    user: String,
    token: String,
    from: String,
    address: Address,
    whose: Whose,
    is_user: bool,
}

/// A password that has been compared.
struct Compared {
    attempt: Attempt,
    /// What it was compared with.
    kept: String,
    right: bool,
}

impl SignIn {
    /// Serves until the house stops.
    pub(super) async fn run(mut self, mut commands: UnboundedReceiver<(MessageId, Command)>) {
        let mut comparing = JoinSet::new();
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some((cause, command)) => self.serve(cause, command, &mut comparing),
                    None => return,
                },
                Some(compared) = comparing.join_next() => match compared {
                    Ok(compared) => self.judge(compared),
                    Err(error) => tracing::error!(%error, "a password could not be compared"),
                },
            }
        }
    }

    fn serve(&mut self, cause: MessageId, command: Command, comparing: &mut JoinSet<Compared>) {
        match command {
            Command::SignIn { user, password, token_hash, from } => {
                self.begin(cause, user, password, token_hash, from, comparing);
            }
            Command::Resume { token_hash } => {
                let event = self.resume(&token_hash);
                self.voice.say(Some(cause), event);
            }
            Command::SignOut { token_hash } => self.sign_out(cause, token_hash),
        }
    }

    fn begin(
        &mut self,
        cause: MessageId,
        user: String,
        password: Secret,
        token: String,
        from: String,
        comparing: &mut JoinSet<Compared>,
    ) {
        let user: String = user.chars().take(MOST_NAME + 1).collect();
        let address = Address::read(&from);
        let person = self.known.borrow().people.get(&user).cloned();
        let known_at = self.tokens.is_known_at(&user, &address).then(|| address.clone());
        let whose = Whose { name: user.clone(), known_at };
        let attempt = Attempt { cause, user, token, from, address, whose, is_user: person.is_some() };
        let now = self.voice.house.clock.now().mono;
        if !is_hash(&attempt.token) {
            return self.refuse(&attempt, None);
        }
        if comparing.len() >= MOST_WAITING {
            return self.refuse(&attempt, Some(now + Duration::from_secs(5)));
        }
        let at = match self.guard.begin(&attempt.whose, attempt.is_user, &attempt.address, now) {
            Verdict::Locked(until) => return self.refuse(&attempt, Some(until)),
            Verdict::Go(at) => at,
        };
        let known_everywhere = self.loopback_passwords.iter().any(|known| known == password.expose());
        let allowed = !known_everywhere || is_loopback(&attempt.from);
        let fits = password.expose().len() <= MOST_PASSWORD;
        let kept = person.and_then(|person| person.password);
        let has = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.nobodys.clone());
        let hashing = self.hashing.clone();
        comparing.spawn(async move {
            // Who is slowed waits here.
            tokio::time::sleep(at.since(now)).await;
            let given = if fits { password } else { Secret::default() };
            let same = hashing.matches(given, kept.clone()).await;
            Compared { attempt, kept, right: same && has && fits && allowed }
        });
    }

    fn judge(&mut self, compared: Compared) {
        let Compared { attempt, kept, right } = compared;
        let person = self.known.borrow().people.get(&attempt.user).cloned();
        // Whoever was removed or given another password meanwhile does not come in.
        let person = person.filter(|person| right && person.password.as_ref() == Some(&kept));
        let Some(person) = person else {
            let now = self.voice.house.clock.now().mono;
            let until = self.guard.locked(&attempt.whose, attempt.is_user, now);
            return self.refuse(&attempt, until);
        };
        GRANTED.inc();
        self.guard.was_right(&attempt.whose, &attempt.address);
        let at = self.voice.now();
        let until = Wall(at.0.saturating_add(i64::try_from(LASTS.as_millis()).unwrap_or(i64::MAX)));
        let mut entries = vec![Entry::Expired { before: at }];
        entries.extend(self.tokens.put(&attempt.token, &attempt.user, until, &kept, &attempt.address, at));
        entries.push(self.act(&attempt.user, "sign_in", &attempt.from));
        let grant = grant(&attempt.user, &person, until);
        self.after_writing(attempt.cause, entries, Event::Granted { grant });
    }

    fn resume(&mut self, token: &str) -> Event {
        let Some((user, until)) = self.tokens.whose(token, self.voice.now(), &self.known.borrow().people)
        else {
            return Event::Refused { until: None };
        };
        let person = self.known.borrow().people.get(&user).cloned();
        match person {
            Some(person) => Event::Granted { grant: grant(&user, &person, until) },
            None => Event::Refused { until: None },
        }
    }

    fn sign_out(&mut self, cause: MessageId, token: String) {
        let Some(user) = self.tokens.remove(&token) else {
            return self.voice.say(Some(cause), Event::Done);
        };
        let entries = vec![Entry::SignedOut { token }, self.act(&user, "sign_out", "")];
        self.after_writing(cause, entries, Event::Done);
    }

    /// Answers once the entries are on disk, or a while later if the database stalls.
    fn after_writing(&self, cause: MessageId, entries: Vec<Entry>, answer: Event) {
        let (written, voice) = (self.ledger.write(entries), self.voice.clone());
        tokio::spawn(async move {
            if tokio::time::timeout(PATIENCE, written).await.is_err() {
                tracing::warn!("the business database has not taken a sign-in yet");
            }
            voice.say(Some(cause), answer);
        });
    }

    fn refuse(&mut self, attempt: &Attempt, until: Option<Mono>) {
        REFUSED.inc();
        let now = self.voice.house.clock.now();
        if now.mono.since(self.noted.since) >= MINUTE {
            self.noted = Noted { since: now.mono, count: 0 };
        }
        self.noted.count += 1;
        if self.noted.count <= MOST_NOTED {
            // Nobody waits for it.
            drop(self.ledger.write(vec![self.act(&attempt.user, "sign_in_refused", &attempt.from)]));
        } else {
            UNNOTED.inc();
        }
        let until = until.map(|until| {
            Wall(now.wall.0.saturating_add(i64::try_from(until.ms_since(now.mono)).unwrap_or(i64::MAX)))
        });
        self.voice.say(Some(attempt.cause), Event::Refused { until });
    }

    fn act(&self, user: &str, act: &str, from: &str) -> Entry {
        Entry::Act(Act {
            at: self.voice.now(),
            user: user.to_owned(),
            act: act.to_owned(),
            on: String::new(),
            from: from.chars().take(128).collect(),
        })
    }
}

/// The permissions of all roles together, sorted, each once.
fn grant(user: &str, person: &Person, until: Wall) -> Grant {
    let display = if person.display.is_empty() { user.to_owned() } else { person.display.clone() };
    let mut permissions: Vec<Permission> =
        person.roles.iter().flat_map(|role: &UserRole| Permission::of(*role)).copied().collect();
    permissions.sort_unstable();
    permissions.dedup();
    Grant { user: user.to_owned(), display, roles: person.roles.clone(), permissions, until }
}

/// SHA-256 in lower-case hex.
fn is_hash(token: &str) -> bool {
    token.len() == 64 && token.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
