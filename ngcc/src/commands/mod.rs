//! What each command does. Talks to the centre through `control::door`, to people through `out`.

mod calls;
mod docs;
mod objects;
mod schema;

use std::path::PathBuf;

use ngcc_proto::admin;
use serde_json::json;

use crate::catalogue;
use crate::cli::{AgentVerb, Cli, Command, Common, ConfigCommand, FlowVerb, QueueVerb};
use crate::control::door::Door;
use crate::failure::Failure;
use crate::serve::Run;
use crate::settings::{Effective, Sources};
use crate::{bench, doctor, out, serve};

/// Does what the command line says.
///
/// # Errors
/// Why it could not be done.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    let Cli { common, command } = cli;
    let json = common.json;
    match command {
        Command::Serve(args) => {
            let import = args.import.as_deref().map(catalogue::read).transpose()?;
            serve::run(Run { effective: settings(&common)?, catalogue: import, bus: args.bus, demo: false })
        }
        Command::Demo(args) => {
            let effective = load(&common, Some(("demo", catalogue::demo::SETTINGS)))?;
            let catalogue = Some(catalogue::demo::catalogue());
            serve::run(Run { effective, catalogue, bus: args.bus, demo: true })
        }
        Command::User { verb } => objects::run(verb, &mut door(&common)?, json),
        Command::Queue { verb: QueueVerb::Object(verb) } => objects::run(verb, &mut door(&common)?, json),
        Command::Queue { verb: QueueVerb::Status } => calls::queues(&mut door(&common)?, json),
        Command::Number { verb } => objects::run(verb, &mut door(&common)?, json),
        Command::Phone { verb } => objects::run(verb, &mut door(&common)?, json),
        Command::Agent { verb: AgentVerb::Object(verb) } => objects::run(verb, &mut door(&common)?, json),
        Command::Agent { verb: AgentVerb::State(state) } => calls::agent(state, &mut door(&common)?, json),
        Command::Flow { verb: FlowVerb::Object(verb) } => objects::run(verb, &mut door(&common)?, json),
        Command::Flow { verb: FlowVerb::Check { file } } => schema::check_flow(&file, json),
        Command::Reply { verb } => objects::run(verb, &mut door(&common)?, json),
        Command::Disposition { verb } => objects::run(verb, &mut door(&common)?, json),
        Command::Form { verb } => objects::run(verb, &mut door(&common)?, json),
        Command::Channel { verb } => objects::run(verb, &mut door(&common)?, json),
        Command::Bot { verb } => objects::run(verb, &mut door(&common)?, json),
        Command::Call { verb } => calls::call(verb, &mut door(&common)?, json),
        Command::Import { file, replace } => {
            let catalogue = catalogue::read(&file)?;
            done(door(&common)?.admin(admin::Command::Import { catalogue, replace })?, json)
        }
        Command::Export { file } => export(file, &mut door(&common)?, json),
        Command::Config { verb } => config(&verb, &common),
        Command::Schema(args) => match args.docs {
            Some(dir) => docs::write(&dir),
            None => {
                schema::print(args.of);
                Ok(())
            }
        },
        Command::Doctor => {
            let settings = settings(&common)?.settings;
            doctor::run(&settings, Door::server_runs(&settings.data.dir), json)
        }
        Command::Bench(args) => bench::run(&args, json),
    }
}

fn door(common: &Common) -> Result<Door, Failure> {
    Door::open(&settings(common)?.settings)
}

fn settings(common: &Common) -> Result<Effective, Failure> {
    load(common, None)
}

/// The settings of this command line, over `command`'s own defaults.
fn load(
    common: &Common,
    command: Option<(&'static str, &'static [(&'static str, &'static str)])>,
) -> Result<Effective, Failure> {
    let named = common.config.clone().or_else(|| std::env::var_os("NGCC_CONFIG").map(PathBuf::from));
    let beside = PathBuf::from("ngcc.toml");
    let file = named.or_else(|| beside.exists().then_some(beside));
    let env = std::env::vars_os()
        .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
        .collect();
    let mut set: Vec<(String, String)> = Vec::new();
    if let Some(dir) = &common.data {
        set.push((format!("--data {}", dir.display()), format!("data.dir={}", dir.display())));
    }
    set.extend(common.set.iter().map(|pair| (format!("--set {pair}"), pair.clone())));
    Ok(Effective::load(&Sources { command, file, env, set })?)
}

fn config(verb: &ConfigCommand, common: &Common) -> Result<(), Failure> {
    let effective = settings(common)?;
    match verb {
        ConfigCommand::Check => {
            let warnings = effective.settings.warnings();
            if common.json {
                out::json(&json!({ "good": true, "warnings": warnings }));
            } else {
                warnings.iter().for_each(|warning| out::line(format!("warning: {warning}")));
                out::line("the settings are good");
            }
        }
        ConfigCommand::Print if common.json => {
            let entries: Vec<_> = effective
                .entries()
                .map(|(path, value, origin)| json!({ "key": path, "value": value, "from": origin.to_string() }))
                .collect();
            out::json(&entries);
        }
        ConfigCommand::Print => out::line(effective.to_toml().trim_end()),
    }
    Ok(())
}

fn export(file: Option<PathBuf>, door: &mut Door, json: bool) -> Result<(), Failure> {
    let catalogue = objects::exported(door)?;
    if json && file.is_none() {
        out::json(&catalogue);
        return Ok(());
    }
    let text = catalogue::write(&catalogue)?;
    match file {
        None => out::line(text.trim_end()),
        Some(path) => {
            std::fs::write(&path, text)
                .map_err(Failure::io(format!("{} cannot be written", path.display())))?;
        }
    }
    Ok(())
}

/// Says that a change was made.
fn done(event: admin::Event, json: bool) -> Result<(), Failure> {
    match event {
        admin::Event::Done { version } if json => out::json(&json!({ "version": version })),
        admin::Event::Done { version } => {
            out::line(format!("done; the configuration is now version {version}"))
        }
        admin::Event::Refused { problems } => return Err(Failure::Refused(problems)),
        admin::Event::Exported { .. } | admin::Event::History { .. } | admin::Event::Chain { .. } => {
            return Err(Failure::NoAnswer("an answer to another question came".to_owned()));
        }
    }
    Ok(())
}
