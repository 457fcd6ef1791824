//! The command line: the only place that knows a terminal.
//!
//! In: arguments, standard input. Out: text or JSON on standard output, problems and progress on standard error, an exit
//! code. Everything is asked of the same engine that serves editors. Never: a colour or a control character where nobody
//! sees it as one.

mod args;
mod check;
mod demo;
mod doctor;
mod entries;
mod freshness;
mod init;
mod list;
mod locate;
mod login;
mod outbox;
mod policy;
mod position;
mod render;
mod root;
mod scanned;
mod schemas;
mod session;
mod show;
mod sync;
mod terminal;
mod triage;

use std::io::{BufReader, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use config::Config;
use config::dirs::{cache_dir, process_env};

use crate::driver::Places;
use args::{Args, Command};
use session::Session;
use terminal::Terminal;

/// Exit code for bad usage or configuration.
const USAGE: u8 = 2;
/// Exit code when there is nothing to have findings in.
const NO_DATA: u8 = 3;

/// What the caller got wrong, in words for them.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// Does what the process's arguments say.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are "errors" of the parser with exit code 0.
            let code = u8::try_from(error.exit_code()).unwrap_or(USAGE);
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    run(&args).unwrap_or_else(|error| {
        if is_broken_pipe(&error) {
            return ExitCode::SUCCESS;
        }
        let _ = writeln!(std::io::stderr(), "error: {error:#}");
        ExitCode::from(if error.is::<Usage>() { USAGE } else { 1 })
    })
}

/// Whoever read our output has seen enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(std::io::ErrorKind::BrokenPipe)
    })
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.command {
        // The server writes from its own threads: standard output must not be locked here.
        None if args.stdio || !std::io::stdin().is_terminal() => {
            log("warn");
            crate::lsp::run_stdio(Places { cache: cache(), data: data() })
        }
        None => {
            Args::command().print_help()?;
            Ok(ExitCode::SUCCESS)
        }
        Some(_) if args.stdio => {
            Err(Usage("--stdio is the language server and goes with no command".to_owned()).into())
        }
        Some(command) => {
            log("error");
            let mut out = std::io::stdout().lock();
            let code = perform(command, args, &mut out)?;
            out.flush()?;
            Ok(code)
        }
    }
}

fn perform(command: &Command, args: &Args, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let terminal = Terminal::of_process();
    match command {
        Command::Locate => locate::run(BufReader::new(std::io::stdin()), out),
        Command::Schema { name } => schemas::run(name, out),
        Command::Demo(demo) => demo::run(demo, &cache(), &terminal, out),
        Command::List(list) => {
            let session = usable(args.root.as_deref(), &terminal)?;
            list::run(&session, list, &terminal, out, &mut std::io::stderr())
        }
        Command::Show { id, offline } => {
            let session = usable(args.root.as_deref(), &terminal)?;
            show::run(&session, id, *offline, &terminal, out, &mut std::io::stderr())
        }
        Command::Check(check) => {
            let root = root::find(args.root.as_deref())?;
            check::run(check, &root, cache(), &terminal, out, &mut std::io::stderr())
        }
        Command::Policy(policy) => policy::run(policy, args.root.as_deref(), &cache(), &terminal, out),
        Command::Triage(triage) => {
            let session = usable(args.root.as_deref(), &terminal)?;
            triage::run(&session, triage, &terminal, out, &mut std::io::stderr())
        }
        Command::Login(login) => login::run(login, &terminal, out),
        Command::Logout(logout) => login::run_logout(logout, out),
        Command::Sync(sync) => sync::run(sync, args.root.as_deref(), cache(), &terminal, out, &mut std::io::stderr()),
        Command::Outbox(outbox) => {
            outbox::run(outbox, args.root.as_deref(), cache(), &terminal, out, &mut std::io::stderr())
        }
        Command::Init(init) => init::run(init, args.root.as_deref(), out),
        Command::Doctor => {
            let root = root::find(args.root.as_deref())?;
            let cache = cache();
            let session = session::load(&root.path, cache.clone(), terminal.shows_progress)?;
            doctor::run(&session, &root, &cache, &terminal, out)
        }
    }
}

/// The loaded folder; a broken configuration is an error, since its sources would silently not count.
fn usable(root: Option<&Path>, terminal: &Terminal) -> anyhow::Result<Session> {
    let root = root::find(root)?;
    let problems = Config::load(&root.path, true).problems;
    if !problems.is_empty() {
        return Err(Usage(problems.join("\n")).into());
    }
    session::load(&root.path, cache(), terminal.shows_progress)
}

/// The cache folder. Without a home there is still a place that is ours, or the store stays in memory and says so.
fn cache() -> PathBuf {
    cache_dir(&process_env).unwrap_or_else(|| std::env::temp_dir().join("aspm"))
}

/// The folder of what cannot be fetched again; without a home there is none, and what needs it says so.
fn data() -> PathBuf {
    config::dirs::data_dir(&process_env).unwrap_or_default()
}

/// Logs to standard error; `ASPM_LOG` says how much (`info`, `aspm_lsp=debug`).
fn log(default: &str) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ASPM_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    // It would write down whole messages, and one of them hands over a token.
    let filter = match "tower_lsp_server::codec=info".parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => tracing_subscriber::EnvFilter::new(default),
    };
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    // Fails only when there is one already, which then does the same.
    let _ = subscriber.try_init();
}
