//! The reference pages, generated from what the program itself reads: command line, settings, catalogue.

use std::path::Path;

use clap::{Arg, Command, CommandFactory as _};

use super::schema::words;
use crate::catalogue::fields::SECTIONS;
use crate::cli::Cli;
use crate::failure::Failure;
use crate::settings::{KEYS, Settings, TOPICS};

/// Writes every page into `dir`.
///
/// # Errors
/// A page cannot be written.
pub(super) fn write(dir: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(dir).map_err(Failure::io(format!("{} cannot be made", dir.display())))?;
    for (name, text) in [("cli.md", cli()), ("config.md", config()), ("catalogue.md", catalogue())] {
        let path = dir.join(name);
        std::fs::write(&path, text).map_err(Failure::io(format!("{} cannot be written", path.display())))?;
    }
    Ok(())
}

fn config() -> String {
    let mut page = "# Settings\n\n\
        A value comes from the first of these that gives one: a flag (`--set topic.key=value`), the environment\n\
        (`NGCC_TOPIC__KEY`), the settings file (TOML: `--config FILE`, else `NGCC_CONFIG`, else `ngcc.toml` in the\n\
        working directory), the default. `ngcc config print` shows the settings in force and where each came from;\n\
        an unknown key is refused. Any port may be 0: the system then chooses, and the line printed at start says\n\
        which. `ngcc demo` binds every listener to 127.0.0.1.\n"
        .to_owned();
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    for topic in TOPICS {
        page.push_str(&format!(
            "\n## [{}]\n\n{}\n\n| key | default | meaning |\n|---|---|---|\n",
            topic.path,
            words(topic.about)
        ));
        for info in KEYS {
            let Some((of, key)) = info.path.split_once('.') else { continue };
            if of == topic.path {
                page.push_str(&format!("| `{key}` | `{}` | {} |\n", defaults[of][key], words(info.about)));
            }
        }
    }
    page
}

fn catalogue() -> String {
    let mut page = "# Catalogue\n\n\
        The YAML of `ngcc import`, `ngcc export` and `ngcc serve --import`: everything that is configured. Import\n\
        makes or changes what the catalogue names, whole or not at all; `--replace` removes the rest. `ngcc schema\n\
        catalogue` prints its JSON schema.\n"
        .to_owned();
    for section in SECTIONS {
        page.push_str(&format!(
            "\n## {}\n\n{}\n\n| key | holds | default | meaning |\n|---|---|---|---|\n",
            section.key, section.about
        ));
        for field in section.fields {
            let default = field.holds.default().map(|value| format!("`{value}`")).unwrap_or_default();
            page.push_str(&format!(
                "| `{}` | {} | {default} | {} |\n",
                field.key,
                field.holds.words(),
                field.about
            ));
        }
    }
    page
}

fn cli() -> String {
    let mut page = "# Command line\n\n\
        Every command answers in JSON with `--json`. Exit codes: 0 done, 1 it could not be done, 2 the call, the\n\
        settings or the machine must be changed first, 3 no server runs on the data directory.\n"
        .to_owned();
    let root = Cli::command();
    page.push_str("\n## Flags of every command\n\n");
    flags(&root, true, &mut page);
    for command in root.get_subcommands().filter(|c| !c.is_hide_set()) {
        section(command, &format!("ngcc {}", command.get_name()), 2, &mut page);
    }
    page
}

fn section(command: &Command, path: &str, depth: usize, page: &mut String) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let places: String =
        command
            .get_positionals()
            .map(|arg| {
                if arg.is_required_set() {
                    format!(" <{}>", value(arg))
                } else {
                    format!(" [{}]", value(arg))
                }
            })
            .collect();
    page.push_str(&format!("\n{} `{path}{places}`\n\n{about}\n", "#".repeat(depth)));
    let mut own = String::new();
    flags(command, false, &mut own);
    if !own.is_empty() {
        page.push_str(&format!("\n{own}"));
    }
    for sub in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        section(sub, &format!("{path} {}", sub.get_name()), depth + 1, page);
    }
}

fn flags(command: &Command, global: bool, page: &mut String) {
    let shown = |arg: &&Arg| !arg.is_hide_set() && arg.is_global_set() == global;
    for arg in command.get_arguments().filter(shown) {
        let name = match arg.get_long() {
            Some(long) if arg.get_action().takes_values() => format!("--{long} <{}>", value(arg)),
            Some(long) => format!("--{long}"),
            None => format!("<{}>", value(arg)),
        };
        let words: Vec<String> =
            arg.get_possible_values().iter().map(|v| format!("`{}`", v.get_name())).collect();
        let words = match words.as_slice() {
            [] => String::new(),
            _ if !arg.get_action().takes_values() => String::new(),
            words => format!(" One of {}.", words.join(", ")),
        };
        let defaults: Vec<String> =
            arg.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
        let default = match defaults.join(", ") {
            text if text.is_empty() || !arg.get_action().takes_values() => String::new(),
            text => format!(" Default: `{text}`."),
        };
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        page.push_str(&format!("- `{name}` {}.{words}{default}\n", help.trim_end_matches('.')));
    }
}

fn value(arg: &Arg) -> String {
    arg.get_value_names()
        .and_then(|names| names.first())
        .map_or_else(|| arg.get_id().to_string(), ToString::to_string)
}
