//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use wslint_rules::finding::Severity;

/// Finds out why a WebSocket behind nginx fails, before production does.
#[derive(Debug, Parser)]
#[command(
    name = "wslint",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Exit status: 0 nothing at or above --fail-on, 1 findings, 2 wslint could not do its work."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) check: CheckOptions,
}

/// What to do; without one of these, PATHs are checked.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check configurations (the default)
    Check(CheckOptions),
    /// Follow one handshake through a configuration and show every step
    Trace(TraceOptions),
    /// List every proxied location with its WebSocket settings and how a handshake ends there
    Routes(RoutesOptions),
    /// Print the tree of a configuration as JSON, in crossplane's payload format
    Parse(ParseOptions),
    /// Print a rule's page
    Explain {
        /// The rule's name
        rule: String,
    },
    /// List all rules, one a line
    Rules {
        /// How to print them
        #[arg(long, value_enum, default_value = "text", alias = "output-format")]
        format: ListFormat,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// How `wslint rules` prints.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ListFormat {
    /// One rule a line
    Text,
    /// One JSON document
    Json,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With the lines of the source (the default)
    Full,
    /// One line a finding
    Concise,
    /// One JSON document
    Json,
    /// One JSON object a line
    JsonLines,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless `NO_COLOR`, `CLICOLOR_FORCE` or `FORCE_COLOR` say otherwise
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A severity as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// Advice, and facts that matter only to some
    Info,
    /// It works, but it is fragile, degraded or insecure
    Warning,
    /// The handshake cannot succeed, or nginx refuses the configuration
    Error,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Info => Severity::Info,
            Level::Warning => Severity::Warning,
            Level::Error => Severity::Error,
        }
    }
}

/// Options of `wslint check`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct CheckOptions {
    /// A configuration file, a fragment of one, a folder, or `-` for standard input
    ///
    /// The output of `nginx -T` is read as the files that it was made of. Without any PATH:
    /// ./nginx.conf, else the current folder.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// How to print findings
    #[arg(long, value_enum, default_value = "full", alias = "output-format")]
    pub(crate) format: Format,

    /// Write the report to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,

    /// Use only these rules: names, categories or `all`, separated by commas
    ///
    /// A file that could not be understood is reported all the same.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub(crate) select: Vec<String>,

    /// Leave these rules out
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,

    /// Show findings of this severity and above
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "warning")]
    pub(crate) severity: Level,

    /// Exit with 1 when a finding has this severity or a higher one; such findings are shown
    ///
    /// Without it: what wslint.toml says, else `warning`.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) fail_on: Option<Level>,

    /// The version of nginx that the configuration is for, as in 1.22.1
    ///
    /// Without it, findings that hold for some versions only say for which.
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    pub(crate) nginx_version: Option<wslint_grammar::catalogue::Version>,

    /// Locations that are meant for WebSockets, whatever is in them, as in '/ws*'
    ///
    /// A pattern is compared with what stands behind `location`; `*` and `?` stand for anything.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) websocket: Vec<String>,

    #[command(flatten)]
    pub(crate) includes: IncludeOptions,

    /// What standard input is called in reports, and where its includes are looked for
    #[arg(long, value_name = "PATH")]
    pub(crate) stdin_filename: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) settings_file: SettingsFileOptions,

    /// Look also at what .gitignore and .ignore keep out of folders, and show what comments ignore
    #[arg(long)]
    pub(crate) no_ignores: bool,

    /// Write the safe fixes into the files, and report what remains
    ///
    /// Standard input is fixed to standard output, and the report goes to standard error. What
    /// comments ignore and what is not shown (--severity) is not fixed. docs/fixes.md says what
    /// is promised.
    #[arg(long, group = "fixing", conflicts_with_all = ["add_ignores", "show_settings"])]
    pub(crate) fix: bool,

    /// Print what --fix would change, as a unified diff, and write nothing
    ///
    /// The exit status is 1 when there is something to change, 0 when there is not.
    #[arg(
        long,
        group = "fixing",
        conflicts_with_all = ["add_ignores", "show_settings", "format", "statistics"]
    )]
    pub(crate) diff: bool,

    /// Apply also the fixes that may change other traffic, with --fix or --diff
    #[arg(long, requires = "fixing")]
    pub(crate) unsafe_fixes: bool,

    /// Write a comment `# wslint: ignore[RULE]` above everything that is found
    ///
    /// An old configuration can adopt wslint so: what is there is silenced, what is new is told.
    #[arg(long, conflicts_with_all = ["no_ignores", "show_settings"])]
    pub(crate) add_ignores: bool,

    /// Print what holds for each configuration, after wslint.toml and the options, and check nothing
    #[arg(long)]
    pub(crate) show_settings: bool,

    /// Print how many findings each rule has
    #[arg(long)]
    pub(crate) statistics: bool,

    /// When to use colour
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,

    /// Print findings only, no summary
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Exit with 0 even when there are findings
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

/// Where included files are.
#[derive(Debug, Args)]
pub(crate) struct IncludeOptions {
    /// Read includes below the absolute path FROM from TO, as in /etc/nginx=deploy/nginx
    #[arg(long, value_name = "FROM=TO", value_parser = parse_prefix)]
    pub(crate) prefix: Vec<(PathBuf, PathBuf)>,
}

/// How `wslint trace` and `wslint routes` print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TraceFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

/// Options of `wslint trace`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 the handshake switches, 1 it does not or that cannot be told, 2 wslint could not do its work."
)]
pub(crate) struct TraceOptions {
    /// The URL of the handshake, as in wss://chat.example.org/ws
    #[arg(value_name = "URL")]
    pub(crate) url: wslint_model::handshake::Url,

    /// A configuration file, a fragment of one, a folder, or `-` for standard input
    ///
    /// Without it: ./nginx.conf, else the current folder.
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,

    /// How to print it
    #[arg(long, value_enum, default_value = "text", alias = "output-format")]
    pub(crate) format: TraceFormat,

    /// A field that the client sends besides; may be repeated
    #[arg(long, short = 'H', value_name = "NAME: VALUE", value_parser = parse_field)]
    pub(crate) header: Vec<(String, String)>,

    /// The client's address, for `allow`, `deny` and `geo`
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) client_address: Option<std::net::IpAddr>,

    /// The client comes through a load balancer that speaks the PROXY protocol
    #[arg(long)]
    pub(crate) proxy_protocol: bool,

    #[command(flatten)]
    pub(crate) common: TraceCommon,
}

/// Options of `wslint routes`.
#[derive(Debug, Args)]
pub(crate) struct RoutesOptions {
    /// A configuration file, a fragment of one, a folder, or `-` for standard input
    ///
    /// Without it: ./nginx.conf, else the current folder.
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,

    /// How to print them
    #[arg(long, value_enum, default_value = "text", alias = "output-format")]
    pub(crate) format: TraceFormat,

    #[command(flatten)]
    pub(crate) common: TraceCommon,
}

/// What `wslint trace` and `wslint routes` have in common.
#[derive(Debug, Args)]
pub(crate) struct TraceCommon {
    /// The version of nginx that the configuration is for, as in 1.22.1
    ///
    /// Without it, what differs between versions is said.
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    pub(crate) nginx_version: Option<wslint_grammar::catalogue::Version>,

    #[command(flatten)]
    pub(crate) includes: IncludeOptions,

    /// What standard input is called, and where its includes are looked for
    #[arg(long, value_name = "PATH")]
    pub(crate) stdin_filename: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) settings_file: SettingsFileOptions,

    /// When to use colour
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
}

/// Which settings file is read.
#[derive(Debug, Args)]
pub(crate) struct SettingsFileOptions {
    /// Take the settings from this file instead of the nearest wslint.toml
    ///
    /// Without it: wslint.toml or .wslint.toml in the folder of each configuration or the nearest
    /// one above, up to the top of the repository. Options of the command line win over the file.
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,

    /// Read no wslint.toml
    #[arg(long)]
    pub(crate) no_config: bool,
}

/// Options of `wslint parse`.
#[derive(Debug, Args)]
pub(crate) struct ParseOptions {
    /// Configuration files, or `-` for standard input
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,

    /// Keep comments
    #[arg(long, visible_alias = "include-comments")]
    pub(crate) comments: bool,

    /// Put included files into the file that includes them
    #[arg(long)]
    pub(crate) combine: bool,

    /// Do not follow includes
    #[arg(long, visible_alias = "single-file")]
    pub(crate) no_includes: bool,

    /// Indent by this many spaces, each level on lines of its own
    #[arg(long, value_name = "N")]
    pub(crate) indent: Option<usize>,

    #[command(flatten)]
    pub(crate) includes: IncludeOptions,
}

/// A version of nginx.
///
/// # Errors
/// When it is none.
pub(crate) fn parse_version(text: &str) -> Result<wslint_grammar::catalogue::Version, String> {
    // People say 1.22 and mean the first of them.
    let whole = if text.matches('.').count() == 1 { format!("{text}.0") } else { text.to_owned() };
    whole.parse().map_err(|_| "a version has three numbers, as in 1.22.1".to_owned())
}

fn parse_field(text: &str) -> Result<(String, String), String> {
    // A token (RFC 9110, section 5.6.2).
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    let (name, value) = text
        .split_once(':')
        .filter(|(name, _)| is_name(name))
        .ok_or("write NAME: VALUE, as in 'Cookie: session=1'")?;
    if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
        return Err("a field's value has no control characters in it".to_owned());
    }
    Ok((name.to_owned(), value.trim().to_owned()))
}

/// `FROM=TO`, of which FROM is an absolute path.
///
/// # Errors
/// When it is something else.
pub(crate) fn parse_prefix(text: &str) -> Result<(PathBuf, PathBuf), String> {
    let (from, to) = text
        .split_once('=')
        .filter(|(from, to)| !from.is_empty() && !to.is_empty())
        .ok_or("write FROM=TO, as in /etc/nginx=deploy/nginx")?;
    let from = PathBuf::from(from);
    if !from.is_absolute() {
        return Err(format!("{} is not an absolute path", from.display()));
    }
    Ok((from, PathBuf::from(to)))
}
