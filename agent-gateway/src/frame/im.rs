//! What a console asks of the colleagues' exchange.

use ngcc_proto::chat::{MAX_TEXT, Text};
use ngcc_proto::im::{
    Attached, Change, Command, MAX_HITS, MAX_LOOK, MAX_MEMBERS, MAX_NAME, MAX_NAMED, MAX_WORDS, Part, Quote,
    Said, To,
};
use ngcc_proto::{AgentUri, GroupId};
use serde::Deserialize;

use super::{Bad, bad, key, prose, word};

/// The most lines of a quote.
const MAX_LINES: usize = 5;

/// What a console asks of the colleagues' exchange; the server adds who asks.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Im {
    /// Send.
    Send {
        /// To whom.
        to: To,
        /// The client's key.
        key: String,
        /// The text; empty only where there is a file.
        #[serde(default)]
        text: Text,
        /// What it quotes.
        #[serde(default)]
        quote: Option<Quote>,
        /// What it carries.
        #[serde(default)]
        file: Option<Attached>,
        /// Whom the text names.
        #[serde(default)]
        names: Vec<AgentUri>,
    },
    /// Make a group.
    Make {
        /// The client's key.
        key: String,
        /// Its name.
        name: String,
        /// Its other members.
        members: Vec<AgentUri>,
    },
    /// Change a group.
    Change {
        /// Which.
        group: GroupId,
        /// The client's key.
        key: String,
        /// What.
        change: Change,
    },
    /// Everything up to this has come.
    Got {
        /// The number in the box.
        seq: u64,
    },
    /// Everything up to this has been read.
    Read {
        /// With whom.
        with: To,
        /// The number in the conversation.
        n: u64,
    },
    /// A part of the conversation with somebody.
    Look {
        /// With whom.
        with: To,
        /// Which part; its end unless said.
        #[serde(default)]
        at: Part,
        /// How many.
        #[serde(default = "fifty")]
        limit: u32,
    },
    /// All conversations.
    List,
    /// What holds these words.
    Search {
        /// The words.
        words: Text,
        /// Only in this conversation.
        #[serde(default)]
        with: Option<To>,
        /// `next` of the answer before.
        #[serde(default)]
        before: Option<u64>,
        /// How many.
        #[serde(default = "thirty")]
        limit: u32,
    },
    /// Somebody is writing.
    Typing {
        /// To whom.
        with: To,
    },
}

fn fifty() -> u32 {
    50
}

fn thirty() -> u32 {
    30
}

impl Im {
    /// Whether it fits.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), Bad> {
        match self {
            Self::Send { to: _, key: own, text, quote, file, names } => {
                key(own)?;
                match file {
                    // The words beside a file may be missing.
                    Some(file) => {
                        word(&file.name)?;
                        word(&file.mime)?;
                        long(text)?;
                    }
                    None => prose(text)?,
                }
                if names.len() > MAX_NAMED {
                    return Err(bad(format!("at most {MAX_NAMED} colleagues are named")));
                }
                quote.as_ref().map_or(Ok(()), quoted)
            }
            Self::Make { key: own, name, members } => {
                key(own)?;
                title(name)?;
                few(members)
            }
            Self::Change { group: _, key: own, change } => {
                key(own)?;
                match change {
                    Change::Made { .. } => Err(bad("a group that there is cannot be made")),
                    Change::Renamed { name } => title(name),
                    Change::Added { who } | Change::Removed { who } => few(who),
                    Change::Left => Ok(()),
                }
            }
            Self::Look { limit, .. } => within(*limit, MAX_LOOK),
            Self::Search { words, limit, .. } => {
                if words.0.trim().is_empty() || words.0.len() > MAX_WORDS {
                    return Err(bad(format!("what is searched has 1 to {MAX_WORDS} bytes")));
                }
                within(*limit, MAX_HITS)
            }
            Self::Got { .. } | Self::Read { .. } | Self::List | Self::Typing { .. } => Ok(()),
        }
    }

    /// Whether something answers it.
    pub(crate) fn is_answered(&self) -> bool {
        match self {
            Self::Send { .. }
            | Self::Make { .. }
            | Self::Change { .. }
            | Self::Look { .. }
            | Self::List
            | Self::Search { .. } => true,
            Self::Got { .. } | Self::Read { .. } | Self::Typing { .. } => false,
        }
    }

    /// The client's key, where there is one.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Send { key, .. } | Self::Make { key, .. } | Self::Change { key, .. } => Some(key),
            Self::Got { .. }
            | Self::Read { .. }
            | Self::Look { .. }
            | Self::List
            | Self::Search { .. }
            | Self::Typing { .. } => None,
        }
    }

    /// As `me` asks it.
    pub(crate) fn by(self, me: AgentUri) -> Command {
        match self {
            Self::Send { to, key, text, quote, file, names } => {
                Command::Send { from: me, to, key, said: Said { text, quote, file, names } }
            }
            Self::Make { key, name, members } => Command::Make { from: me, key, name, members },
            Self::Change { group, key, change } => Command::Change { from: me, group, key, change },
            Self::Got { seq } => Command::Got { agent: me, seq },
            Self::Read { with, n } => Command::Read { agent: me, with, n },
            Self::Look { with, at, limit } => Command::Look { agent: me, with, at, limit },
            Self::List => Command::List { agent: me },
            Self::Search { words, with, before, limit } => {
                Command::Search { agent: me, words, with, before, limit }
            }
            Self::Typing { with } => Command::Typing { agent: me, with },
        }
    }
}

fn long(text: &Text) -> Result<(), Bad> {
    if text.0.len() <= MAX_TEXT { Ok(()) } else { Err(bad(format!("a text has at most {MAX_TEXT} bytes"))) }
}

fn quoted(quote: &Quote) -> Result<(), Bad> {
    word(&quote.customer)?;
    if quote.lines.len() > MAX_LINES {
        return Err(bad(format!("a quote has at most {MAX_LINES} lines")));
    }
    quote.lines.iter().try_for_each(|(who, line)| {
        word(who)?;
        if line.0.len() <= MAX_TEXT { Ok(()) } else { Err(bad("a quoted line is too long")) }
    })
}

fn title(name: &str) -> Result<(), Bad> {
    word(name)?;
    let fits = !name.trim().is_empty() && name.len() <= MAX_NAME;
    if fits { Ok(()) } else { Err(bad(format!("a group's name has 1 to {MAX_NAME} bytes"))) }
}

fn few(who: &[AgentUri]) -> Result<(), Bad> {
    if who.len() <= MAX_MEMBERS {
        Ok(())
    } else {
        Err(bad(format!("a group has at most {MAX_MEMBERS} members")))
    }
}

fn within(limit: u32, most: u32) -> Result<(), Bad> {
    if (1..=most).contains(&limit) { Ok(()) } else { Err(bad(format!("limit is 1 to {most}"))) }
}
