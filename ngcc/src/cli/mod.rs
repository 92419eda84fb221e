//! The command line as a person types it. It only names what can be asked; `commands` does it.

mod bot;
mod call;
mod channel;
mod form;
mod object;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use bot::BotArgs;
pub(crate) use call::{AgentState, CallCommand};
use channel::ChannelArgs;
use form::FormArgs;
pub(crate) use object::{
    AgentArgs, CannedReplyArgs, Describe, DispositionArgs, FlowArgs, NumberArgs, PhoneArgs, QueueArgs,
    UserArgs, all, pick, word_for,
};

/// An open SIP call centre: calls, flows, queues and agents in one process.
#[derive(Debug, Parser)]
#[command(name = "ngcc", version, propagate_version = true, max_term_width = 110)]
pub(crate) struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub(crate) common: Common,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Common {
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The settings file; without it `NGCC_CONFIG`, then `ngcc.toml` in the working directory if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The data directory (stands for `--set data.dir=DIR`).
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Set one setting, such as `--set sip.udp=127.0.0.1:5070`.
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the centre.
    Serve(ServeArgs),
    /// Run a centre with users, agents, phones and a menu to try it, on 127.0.0.1 only.
    Demo(DemoArgs),
    /// Users: people who sign in.
    User {
        /// What to do.
        #[command(subcommand)]
        verb: ObjectVerb<UserArgs>,
    },
    /// Agents: seats that take calls.
    Agent {
        /// What to do.
        #[command(subcommand)]
        verb: AgentVerb,
    },
    /// Queues.
    Queue {
        /// What to do.
        #[command(subcommand)]
        verb: QueueVerb,
    },
    /// Numbers callers dial.
    Number {
        /// What to do.
        #[command(subcommand)]
        verb: ObjectVerb<NumberArgs>,
    },
    /// SIP phones.
    Phone {
        /// What to do.
        #[command(subcommand)]
        verb: ObjectVerb<PhoneArgs>,
    },
    /// Flows: self-service scripts.
    Flow {
        /// What to do.
        #[command(subcommand)]
        verb: FlowVerb,
    },
    /// Replies that agents keep ready for chats.
    Reply {
        /// What to do.
        #[command(subcommand)]
        verb: ObjectVerb<CannedReplyArgs>,
    },
    /// What contacts may have been about.
    Disposition {
        /// What to do.
        #[command(subcommand)]
        verb: ObjectVerb<DispositionArgs>,
    },
    /// Forms that agents and customers fill together.
    Form {
        /// What to do.
        #[command(subcommand)]
        verb: ObjectVerb<FormArgs>,
    },
    /// Messaging channels.
    Channel {
        /// What to do.
        #[command(subcommand)]
        verb: ObjectVerb<ChannelArgs>,
    },
    /// External bots that flows let talk to customers.
    Bot {
        /// What to do.
        #[command(subcommand)]
        verb: ObjectVerb<BotArgs>,
    },
    /// Read a catalogue (YAML) into the centre.
    Import {
        /// The catalogue.
        file: PathBuf,
        /// Remove what does not stand in it.
        #[arg(long)]
        replace: bool,
    },
    /// Write everything configured as a catalogue (YAML); secrets are not among it.
    Export {
        /// The file; without it standard output.
        file: Option<PathBuf>,
    },
    /// Calls.
    Call {
        /// What to do.
        #[command(subcommand)]
        verb: CallCommand,
    },
    /// Settings.
    Config {
        /// What to do.
        #[command(subcommand)]
        verb: ConfigCommand,
    },
    /// Print a JSON schema.
    Schema(SchemaArgs),
    /// Look whether this machine is fit to run the centre.
    Doctor,
    /// Measure a centre of its own on loopback and print the figures beside the goals.
    Bench(BenchArgs),
}

/// `serve`.
#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// Read this catalogue (YAML) before calls are taken; what it does not name stays.
    #[arg(long, value_name = "FILE")]
    pub(crate) import: Option<PathBuf>,
    /// How envelopes travel between the parts.
    #[arg(long, hide = true, value_enum, default_value_t = BusKind::Direct)]
    pub(crate) bus: BusKind,
}

/// `demo`.
#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// How envelopes travel between the parts.
    #[arg(long, hide = true, value_enum, default_value_t = BusKind::Direct)]
    pub(crate) bus: BusKind,
}

/// The buses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BusKind {
    /// Values are moved.
    Direct,
    /// Every envelope is written as JSON and read again, and some are repeated.
    Serialising,
}

/// What is done with configured objects.
#[derive(Debug, Subcommand)]
pub(crate) enum ObjectVerb<A: Args> {
    /// List them.
    List,
    /// Show one.
    Show {
        /// Its name.
        name: String,
    },
    /// Make a new one.
    Add {
        /// Its name.
        name: String,
        /// What is set.
        #[command(flatten)]
        args: A,
    },
    /// Change one; what is not named stays.
    Set {
        /// Its name.
        name: String,
        /// What is set.
        #[command(flatten)]
        args: A,
    },
    /// Remove one.
    Remove {
        /// Its name.
        name: String,
    },
}

/// What is done with agents.
#[derive(Debug, Subcommand)]
pub(crate) enum AgentVerb {
    /// What is configured.
    #[command(flatten)]
    Object(ObjectVerb<AgentArgs>),
    /// What an agent does.
    #[command(flatten)]
    State(AgentState),
}

/// What is done with queues.
#[derive(Debug, Subcommand)]
pub(crate) enum QueueVerb {
    /// What is configured.
    #[command(flatten)]
    Object(ObjectVerb<QueueArgs>),
    /// Say how many wait, how long, and who could take them.
    Status,
}

/// What is done with flows.
#[derive(Debug, Subcommand)]
pub(crate) enum FlowVerb {
    /// What is configured.
    #[command(flatten)]
    Object(ObjectVerb<FlowArgs>),
    /// Check a flow file without storing it.
    Check {
        /// The file.
        file: PathBuf,
    },
}

/// `config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the settings and say what is wrong.
    Check,
    /// Print the settings in force and where each value came from.
    Print,
}

/// `schema`.
#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// Of what.
    #[arg(value_enum, default_value_t = SchemaOf::Flow)]
    pub(crate) of: SchemaOf,
    /// Write the reference pages into this directory instead.
    #[arg(long, hide = true, value_name = "DIR")]
    pub(crate) docs: Option<PathBuf>,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// Flow files.
    Flow,
    /// Catalogues.
    Catalogue,
    /// Settings files.
    Config,
    /// The REST interface, as an OpenAPI document.
    Openapi,
}

/// `bench`.
#[derive(Args, Clone, Debug)]
pub(crate) struct BenchArgs {
    /// What to measure.
    #[arg(value_enum, required = true)]
    pub(crate) what: Vec<BenchKind>,
    /// How long each load runs.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds: u64,
    /// New calls a second offered by `sip`.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub(crate) rate: u32,
    /// Visitors' connections held by `chat`; left out: as many as descriptors allow, and at most 48 000.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=48_000))]
    pub(crate) sockets: Option<u32>,
    /// Agents whose consoles are connected in `consoles`.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=48_000))]
    pub(crate) agents: u32,
    /// Pages shared at once in `collab`.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub(crate) shares: u32,
    /// Browsers that speak at once in `webrtc`.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) peers: u32,
    /// Browsers that come, speak and go in `webrtc`, one behind another, to see what they leave behind.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub(crate) sessions: u32,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchKind {
    /// Call set-up: answered by a flow, and two-leg.
    Sip,
    /// Playback and relay.
    Media,
    /// Mixing.
    Conference,
    /// Idle agents, and a backlog.
    Queue,
    /// Visitors' connections, and their messages to consoles.
    Chat,
    /// Agents' consoles that are connected and idle.
    Consoles,
    /// Customers' pages that are shared with agents: what one costs, and how late a change is seen.
    Collab,
    /// Browsers that speak and hear, and what they leave behind.
    Webrtc,
    /// All of them.
    All,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_of_every_command_may_stand_behind_it() {
        let cli =
            Cli::try_parse_from(["ngcc", "queue", "add", "sales", "--member", "bob:2", "--json"]).unwrap();
        assert!(cli.common.json);
        let Command::Queue { verb: QueueVerb::Object(ObjectVerb::Add { name, args }) } = cli.command else {
            panic!("{:?}", cli.command)
        };
        assert_eq!((name.as_str(), args.member.len()), ("sales", 1));
        assert!(Cli::try_parse_from(["ngcc", "agent", "ready", "alice"]).is_ok());
        assert!(Cli::try_parse_from(["ngcc", "agent", "list"]).is_ok());
        assert!(Cli::try_parse_from(["ngcc", "flow", "check", "x.json"]).is_ok());
        assert!(Cli::try_parse_from(["ngcc", "bench", "sip", "--seconds", "0"]).is_err());
    }
}
