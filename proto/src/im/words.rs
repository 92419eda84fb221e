//! What the gateway asks of the colleagues' exchange, and what that tells it.

use serde::{Deserialize, Serialize};

use super::{Change, Listed, Member, Message, Part, Said, To};
use crate::chat::Text;
use crate::id::{FileId, GroupId};
use crate::uri::AgentUri;

/// agent-gateway to the colleagues' exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Send. `Stored` answers the sender, `Message` reaches everybody else in the conversation.
    Send {
        /// From whom.
        from: AgentUri,
        /// To whom.
        to: To,
        /// The sender's own key: a repeat is stored once.
        key: String,
        /// What.
        said: Said,
    },
    /// Make a group. Answered like `Send`; the stored message names the group.
    Make {
        /// Who.
        from: AgentUri,
        /// The sender's own key: a repeat makes one group.
        key: String,
        /// Its name.
        name: String,
        /// Its other members.
        members: Vec<AgentUri>,
    },
    /// Change a group. Answered like `Send`.
    Change {
        /// Who.
        from: AgentUri,
        /// Which group.
        group: GroupId,
        /// The sender's own key: a repeat changes it once.
        key: String,
        /// What; a group that there is cannot be made.
        change: Change,
    },
    /// A colleague's client is here: what it has not acknowledged comes as `Message`, a page at a time.
    Here {
        /// Who.
        agent: AgentUri,
    },
    /// A colleague's client has everything up to this number of its box.
    Got {
        /// Who.
        agent: AgentUri,
        /// The number.
        seq: u64,
    },
    /// A colleague has read a conversation up to this number; `Read` tells those who wrote what was read.
    Read {
        /// Who.
        agent: AgentUri,
        /// With whom.
        with: To,
        /// The number.
        n: u64,
    },
    /// A part of a conversation; `Conversation` answers.
    Look {
        /// Who asks.
        agent: AgentUri,
        /// With whom.
        with: To,
        /// Which part.
        at: Part,
        /// How many messages, at most 200.
        limit: u32,
    },
    /// All conversations of a colleague; `Conversations` answers.
    List {
        /// Who asks.
        agent: AgentUri,
    },
    /// What holds all of these words, in a colleague's own conversations; `Found` answers.
    Search {
        /// Who asks.
        agent: AgentUri,
        /// The words, with blanks between.
        words: Text,
        /// Only in this conversation.
        with: Option<To>,
        /// `next` of the answer before.
        before: Option<u64>,
        /// How many hits, at most 50.
        limit: u32,
    },
    /// A colleague is writing; `Typing` tells the others. Nothing of it is stored.
    Typing {
        /// Who.
        agent: AgentUri,
        /// With whom.
        with: To,
    },
    /// Whether a colleague may have a file; `May` answers.
    May {
        /// Who asks.
        agent: AgentUri,
        /// Which file.
        file: FileId,
    },
}

/// The colleagues' exchange to agent-gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// On disk.
    Stored {
        /// The sender.
        from: AgentUri,
        /// The sender's key.
        key: String,
        /// The message as stored.
        message: Message,
    },
    /// Not taken; nothing is stored.
    Refused {
        /// The sender.
        from: AgentUri,
        /// The sender's key.
        key: String,
        /// Why, in words.
        why: String,
    },
    /// For somebody's box. It comes again after a restart or a new sign-in until it is acknowledged.
    Message {
        /// For whom.
        agent: AgentUri,
        /// Its number in their box, from 1.
        seq: u64,
        /// The message.
        message: Message,
    },
    /// The answer to `Look`. Where there is no such conversation, or it is none of the asker's, it is empty.
    Conversation {
        /// Who asked.
        agent: AgentUri,
        /// With whom.
        with: To,
        /// A group's name.
        name: Option<String>,
        /// Who is in it; of a group that the asker has left, nobody.
        members: Vec<Member>,
        /// The messages, newest first.
        messages: Vec<Message>,
        /// Whether there are older ones.
        older: bool,
        /// Whether there are newer ones.
        newer: bool,
    },
    /// The answer to `List`: every group the asker is in, and besides these the 200 conversations written in last.
    Conversations {
        /// Who asked.
        agent: AgentUri,
        /// The conversations.
        list: Vec<Listed>,
    },
    /// The answer to `Search`.
    Found {
        /// Who asked.
        agent: AgentUri,
        /// The messages, newest first, each text cut to what stands around the first word.
        hits: Vec<Message>,
        /// Where the search goes on; none at its end. There may be more behind an answer without hits.
        next: Option<u64>,
    },
    /// What somebody wrote was read.
    Read {
        /// Who wrote it.
        agent: AgentUri,
        /// In which conversation.
        with: To,
        /// Who has read it.
        by: AgentUri,
        /// The number up to which.
        n: u64,
    },
    /// Somebody is writing.
    Typing {
        /// Who is told.
        agent: AgentUri,
        /// In which conversation.
        with: To,
        /// Who.
        by: AgentUri,
    },
    /// The answer to `May`.
    May {
        /// Who asked.
        agent: AgentUri,
        /// Whether they may.
        allowed: bool,
    },
    /// The store has not answered a question.
    Unanswered {
        /// Who asked.
        agent: AgentUri,
    },
}

impl Event {
    /// Who is told.
    pub fn to(&self) -> &AgentUri {
        match self {
            Self::Stored { from, .. } | Self::Refused { from, .. } => from,
            Self::Message { agent, .. }
            | Self::Conversation { agent, .. }
            | Self::Conversations { agent, .. }
            | Self::Found { agent, .. }
            | Self::Read { agent, .. }
            | Self::Typing { agent, .. }
            | Self::May { agent, .. }
            | Self::Unanswered { agent } => agent,
        }
    }
}
