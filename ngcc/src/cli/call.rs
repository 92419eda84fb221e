//! Commands about what runs: calls, and agents at work.

use clap::Subcommand;

/// What is done with calls.
#[derive(Debug, Subcommand)]
pub(crate) enum CallCommand {
    /// Call a phone or SIP URI, and connect it to what a number leads to.
    Place {
        /// Whom to call first: a phone's name or a `sip:` URI.
        first: String,
        /// The number.
        number: String,
    },
    /// List live calls, or the last closed ones.
    List {
        /// Closed calls, newest first.
        #[arg(long)]
        closed: bool,
        /// The most to list.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Print what happened in a call, live or closed.
    Trace {
        /// The session, such as `ses_01J…`.
        session: String,
    },
    /// End a live call.
    End {
        /// The session.
        session: String,
    },
}

/// What an agent does.
#[derive(Debug, Subcommand)]
pub(crate) enum AgentState {
    /// Take work.
    Ready {
        /// The agent.
        name: String,
    },
    /// Take no more work.
    NotReady {
        /// The agent.
        name: String,
        /// Why.
        #[arg(long, default_value = "break")]
        reason: String,
    },
    /// Take the seat.
    SignIn {
        /// The agent.
        name: String,
        /// On this phone; without it on the device that is configured.
        #[arg(long)]
        phone: Option<String>,
    },
    /// Leave the seat; a live contact is finished first.
    SignOut {
        /// The agent.
        name: String,
    },
    /// Say how seats stand.
    Status {
        /// One agent; without it every one.
        name: Option<String>,
    },
}
