//! `wslint`: finds out why a WebSocket behind nginx fails, before production does.
//!
//! The command line, the discovery of files and the reports. What a configuration says is read by
//! `wslint-grammar`; what it means is known by `wslint-rules`.

mod add_ignores;
mod check_command;
mod cli;
mod diff;
mod discover;
mod fix_command;
mod input;
mod json;
mod parse_command;
mod report;
mod routes_command;
mod rules_command;
mod selection;
mod settings;
mod terminal;
mod trace_command;
mod write_file;

use std::fmt::Display;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use wslint_model::load::{LoadOptions, Loaded};

use crate::cli::{CheckOptions, Cli, Command, ParseOptions};

/// Nothing at or above `--fail-on`.
const SUCCESS: ExitCode = ExitCode::SUCCESS;
/// There are findings.
const FINDINGS: ExitCode = ExitCode::FAILURE;

/// `wslint` could not do its work.
const TROUBLE_CODE: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        None => check(&cli.check),
        Some(Command::Check(options)) => check(&options),
        Some(Command::Trace(options)) => trace_command::run(&options),
        Some(Command::Routes(options)) => routes_command::run(&options),
        Some(Command::Parse(options)) => parse(&options),
        Some(Command::Explain { rule }) => match selection::rule(&rule) {
            Ok(rule) => print(|out| out.write_all(rule.page.as_bytes())),
            Err(error) => {
                complain(&error);
                trouble()
            }
        },
        Some(Command::Rules { format }) => print(|out| rules_command::list(format, out)),
        Some(Command::Completions { shell }) => print(|out| {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "wslint", &mut script);
            out.write_all(&script)
        }),
    }
}

/// Checks, or mends what a check finds.
fn check(options: &CheckOptions) -> ExitCode {
    match options.fix || options.diff {
        true => fix_command::run(options),
        false => check_command::run(options),
    }
}

fn trouble() -> ExitCode {
    ExitCode::from(TROUBLE_CODE)
}

/// Tells a person what went wrong.
fn complain(message: &dyn Display) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(io::stderr(), "wslint: {message}");
}

/// Writes to standard output. A reader that stops reading is no error.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Ok(()) => SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => SUCCESS,
        Err(error) => {
            complain(&error);
            trouble()
        }
    }
}

fn parse(options: &ParseOptions) -> ExitCode {
    let load_options = LoadOptions {
        prefixes: options.includes.prefix.clone(),
        ignore_includes: options.no_includes,
    };
    let mut loaded: Vec<Loaded> = Vec::new();
    let mut failed = false;
    for path in &options.paths {
        let result = if path.as_os_str() == "-" {
            input::read_stdin(None, &load_options)
        } else {
            input::read_path(path, &load_options)
        };
        match result {
            Ok(result) => loaded.extend(result),
            Err(error) => {
                complain(&error);
                failed = true;
            }
        }
    }
    let options = parse_command::ParseOptions {
        comments: options.comments,
        combine: options.combine,
        no_includes: options.no_includes,
        indent: options.indent,
    };
    let mut sound = true;
    let printed = print(|out| {
        sound = parse_command::write_payload(&loaded, !failed, &options, out)?;
        Ok(())
    });
    match (failed, sound) {
        (true, _) => trouble(),
        (false, false) if printed == SUCCESS => FINDINGS,
        _ => printed,
    }
}
