//! What can be typed.

mod check;
mod login;
mod policy;
mod triage;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use finding::{State, StatusValue};

pub(super) use check::{CHECK_AFTER, CheckArgs, CheckFormat, FailOn, NoData};
pub(super) use login::{LOGIN_AFTER, LoginArgs, LogoutArgs, ServerKind, StorePlace};
pub(super) use policy::{INIT_AFTER, InitArgs, PolicyCommand, SyncArgs};
pub(super) use triage::{OutboxCommand, TRIAGE_AFTER, TriageArgs};

const AFTER: &str = "\
Exit codes:
  0  done
  1  failed
  2  wrong usage or configuration
  3  no data to tell from

Environment:
  ASPM_CACHE_DIR  where findings are kept
  ASPM_LOG        error, warn, info or debug
  NO_COLOR        no colours";

/// Your security platform's findings, on the right line of the code you edit
///
/// Findings of earlier scans are carried to where the code is now. Editors start
/// the language server with --stdio; the commands show the same in a terminal.
/// To see it at work: aspm-lsp demo
#[derive(Debug, Parser)]
#[command(name = "aspm-lsp", version, verbatim_doc_comment, after_help = AFTER)]
pub(super) struct Args {
    /// Be the language server, on standard input and output
    #[arg(long)]
    pub(super) stdio: bool,
    /// VS Code's client adds it; `initialize` says the same.
    #[arg(long = "clientProcessId", hide = true, requires = "stdio")]
    pub(super) client_process_id: Option<i32>,
    /// The folder; else the nearest one up with aspm.toml or .git
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) root: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Findings and where they are now
    List(ListArgs),
    /// One finding: what it is, where it was, where it is, how to fix it
    Show {
        /// The finding's id, or the start of it
        id: String,
        /// Ask no server: the finding as it was read last
        #[arg(long)]
        offline: bool,
    },
    /// May this change pass? The gate, for hooks, CI and people
    #[command(after_help = CHECK_AFTER)]
    Check(CheckArgs),
    /// What is in force, why a verdict is what it is, tests and bundles
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Say what a finding is, at its source or as an exception here
    #[command(after_help = TRIAGE_AFTER)]
    Triage(TriageArgs),
    /// Sign in to a server: check its token, keep it, allow requests to it
    #[command(after_help = LOGIN_AFTER)]
    Login(LoginArgs),
    /// Delete the token of a server
    Logout(LogoutArgs),
    /// Read findings and policy anew, send triage that waits
    Sync(SyncArgs),
    /// Triage that no source has confirmed yet
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Starter files: aspm.toml, bound to your product at a server; the hook
    #[command(after_help = INIT_AFTER)]
    Init(InitArgs),
    /// Where code went, for programs: JSON queries in, answers out
    Locate,
    /// What is configured, found and fresh, and what to do about the rest
    Doctor,
    /// A worked example: a small shop, four commits after its scan
    Demo(DemoArgs),
    /// Print a JSON Schema
    Schema {
        /// aspm.toml, user, settings, list, status, check, input or login
        name: String,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Only findings of these files or folders
    pub(super) paths: Vec<PathBuf>,
    /// By what people decided
    #[arg(long, value_enum, default_value_t = StatusFilter::Open)]
    pub(super) status: StatusFilter,
    /// By how they relate to what was scanned; several with commas
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(super) state: Vec<StateFilter>,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct DemoArgs {
    /// Where to unpack it, made anew each time; else in the cache folder
    pub(super) dir: Option<PathBuf>,
    /// Show every finding in full
    #[arg(long)]
    pub(super) all: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// `path:line:column: severity: message`, then details
    Human,
    /// One object; its schema: aspm-lsp schema list
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum StatusFilter {
    /// Nothing is decided
    Open,
    /// Not a weakness
    FalsePositive,
    /// Known and accepted
    RiskAccepted,
    /// Not this project's concern
    OutOfScope,
    /// Fixed
    Mitigated,
    /// Reported by another finding already
    Duplicate,
    /// All of them
    All,
}

impl StatusFilter {
    /// Whether a finding of this status is asked for.
    pub(super) fn wants(self, status: StatusValue) -> bool {
        let only = match self {
            Self::All => return true,
            Self::Open => StatusValue::Open,
            Self::FalsePositive => StatusValue::FalsePositive,
            Self::RiskAccepted => StatusValue::RiskAccepted,
            Self::OutOfScope => StatusValue::OutOfScope,
            Self::Mitigated => StatusValue::Mitigated,
            Self::Duplicate => StatusValue::Duplicate,
        };
        status == only
    }

    /// In front of "findings".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Open => "open ",
            Self::FalsePositive => "false positive ",
            Self::RiskAccepted => "accepted ",
            Self::OutOfScope => "out of scope ",
            Self::Mitigated => "mitigated ",
            Self::Duplicate => "duplicate ",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StateFilter {
    /// Same text, same place
    Exact,
    /// Same text, another line or file
    Moved,
    /// The text changed: verify
    Edited,
    /// A best guess
    Uncertain,
    /// The code is not there any more
    Gone,
    /// No line in a file
    Unplaced,
}

impl From<StateFilter> for State {
    fn from(filter: StateFilter) -> Self {
        match filter {
            StateFilter::Exact => Self::Exact,
            StateFilter::Moved => Self::Moved,
            StateFilter::Edited => Self::Edited,
            StateFilter::Uncertain => Self::Uncertain,
            StateFilter::Gone => Self::Gone,
            StateFilter::Unplaced => Self::Unplaced,
        }
    }
}
