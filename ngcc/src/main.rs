//! The `ngcc` binary: reads the command line, does what it says, and ends with a code that says how it went.
#![forbid(unsafe_code)]

mod bench;
mod catalogue;
mod cli;
mod commands;
mod control;
mod demo;
mod doctor;
mod failure;
mod out;
mod serve;
mod settings;
mod trace;

use std::process::ExitCode;

use clap::Parser as _;
use serde_json::json;

use cli::Cli;

fn main() -> ExitCode {
    // Two crates may each bring a provider of their own; the first one installed is taken by all.
    // An error means that one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::parse();
    let in_json = cli.common.json;
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if in_json {
                let lines: Vec<String> = failure.to_string().lines().map(str::to_owned).collect();
                out::json(&json!({ "error": { "kind": failure.word(), "lines": lines } }));
            } else {
                out::complain(&failure.to_string());
            }
            ExitCode::from(failure.code())
        }
    }
}
