//! Which product of which server holds this repository: by option, by the repository's URL, or asked once at a terminal.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _, stderr, stdin};

use config::{Config, Origin, SourceKind, UserConfig};
use connectors::defectdojo::{Binding, Candidate, DefectDojo, Options};
use connectors::http::{Client, Secrets};
use connectors::{Connector as _, Error};
use url::Url;

use crate::cli::Usage;
use crate::cli::args::InitArgs;
use crate::present::safe;

/// Longest answer that is read, in bytes.
const MAX_LINE: u64 = 4096;
/// Products that are listed.
const MOST_LISTED: usize = 50;

/// A product that was chosen and is there.
pub(super) struct Choice {
    pub(super) url: Url,
    pub(super) product: String,
}

/// The server to ask; `None`: there is none.
pub(super) fn server(args: &InitArgs, config: &Config) -> anyhow::Result<Option<(Url, UserConfig)>> {
    if args.offline {
        return Ok(None);
    }
    let loaded = UserConfig::load(&config::dirs::process_env);
    if !loaded.problems.is_empty() {
        let why = format!("your configuration has mistakes, so no server is asked:\n{}", loaded.problems.join("\n"));
        return Err(Usage(why).into());
    }
    let user = loaded.config;
    if let Some(given) = &args.server {
        let url = config::http_url(given).map_err(|why| Usage(format!("--server {why}")))?;
        let Some(origin) = Origin::of(&url).filter(|_| user.server_for(&url).is_none()) else {
            return Ok(Some((url, user)));
        };
        let why = format!(
            "{origin} is not a server you allow, so nothing was asked of it: run `aspm-lsp login {origin}` first"
        );
        return Err(Usage(why).into());
    }
    // A source that reads a server already says which one is meant.
    let named = config.sources.iter().filter(|source| source.kind == SourceKind::DefectDojo);
    let mut named = named.filter_map(|source| source.url.clone()).filter(|url| user.server_for(url).is_some());
    if let Some(url) = named.next() {
        return Ok(Some((url, user)));
    }
    let origins: Vec<String> = user.servers.iter().map(|server| server.origin.to_string()).collect();
    let url = match origins.as_slice() {
        [] if args.product.is_some() || args.yes => {
            return Err(Usage("no server is at hand to ask; sign in first: aspm-lsp login URL".to_owned()).into());
        }
        [] => return Ok(None),
        [only] => only.clone(),
        several if is_asking(args) => {
            let at = ask("Your configuration lists several servers:", several, None)?;
            several.get(at).cloned().unwrap_or_default()
        }
        several => {
            let why = format!(
                "your configuration lists several servers ({}); name one with --server URL",
                several.join(", ")
            );
            return Err(Usage(why).into());
        }
    };
    Ok(Some((Url::parse(&url)?, user)))
}

/// The product, which is there and may be read. `repositories` are this one's URLs, normalised.
pub(super) fn product(args: &InitArgs, url: Url, user: UserConfig, repositories: &[String]) -> anyhow::Result<Choice> {
    let client = Client::new(user, Secrets::of_process());
    let dojo = |product: Option<String>| {
        let engagement = args.engagement.clone().filter(|_| product.is_some());
        let binding = Binding { product, engagement, repositories: repositories.to_vec() };
        DefectDojo::new(client.clone(), &url, "init", binding, repo::normalise_url).with(Options::impatient())
    };
    if let Some(product) = &args.product {
        let health = dojo(Some(product.clone())).health(&|| false).map_err(told)?;
        health.reads.map_err(|error| match error {
            Error::Server { why, .. } => Usage(shown(&why)).into(),
            error => told(error),
        })?;
        return Ok(Choice { url, product: product.clone() });
    }
    if stderr().is_terminal() {
        writeln!(stderr(), "Asking {} …", Origin::of(&url).map_or_else(String::new, |origin| origin.to_string()))?;
    }
    let mut candidates = dojo(None).candidates(&|| false).map_err(told)?;
    candidates.truncate(MOST_LISTED);
    let matching = candidates.iter().filter(|candidate| candidate.is_match).count();
    let lines: Vec<String> = candidates.iter().map(line).collect();
    let chosen = match (matching, candidates.len()) {
        (_, 0) => {
            let why =
                "this account may see no product with an engagement; ask an administrator of the server for yours";
            return Err(Usage(why.to_owned()).into());
        }
        (1, _) if args.yes => 0,
        _ if is_asking(args) => ask(&question(matching, repositories), &lines, (matching == 1).then_some(0))?,
        _ => return Err(Usage(instructions(matching, &lines, repositories)).into()),
    };
    let product = candidates.get(chosen).map(|candidate| candidate.product.clone()).unwrap_or_default();
    Ok(Choice { url, product })
}

fn is_asking(args: &InitArgs) -> bool {
    !args.yes && stdin().is_terminal() && stderr().is_terminal()
}

fn here(repositories: &[String]) -> String {
    match repositories {
        [] => "this folder, which has no git remote".to_owned(),
        urls => format!("this repository ({})", shown(&urls.join(", "))),
    }
}

fn question(matching: usize, repositories: &[String]) -> String {
    let here = here(repositories);
    match matching {
        0 => format!("No product names {here}. These there are:"),
        1 => format!("One product names {here}:"),
        _ => format!("Several products name {here}:"),
    }
}

fn line(candidate: &Candidate) -> String {
    let mark = if candidate.is_match { ", names this repository" } else { "" };
    let number = candidate.engagements.len();
    let engagements = if number == 1 { "1 engagement".to_owned() } else { format!("{number} engagements") };
    format!("{} ({engagements}{mark})", shown(&candidate.product))
}

fn instructions(matching: usize, lines: &[String], repositories: &[String]) -> String {
    let list = lines.join("\n  ");
    let todo = if matching == 1 {
        "To take it: aspm-lsp init --yes; another: aspm-lsp init --product NAME"
    } else {
        "Say which: aspm-lsp init --product NAME"
    };
    format!("{}\n  {list}\nNothing was written. {todo}", question(matching, repositories))
}

/// The number of the answer, from 0. `usual` is taken for an empty line.
fn ask(question: &str, lines: &[String], usual: Option<usize>) -> anyhow::Result<usize> {
    let mut err = stderr();
    writeln!(err, "{question}")?;
    for (at, line) in lines.iter().enumerate() {
        writeln!(err, "  {}. {line}", at + 1)?;
    }
    let hint = usual.map_or_else(String::new, |at| format!(" [{}]", at + 1));
    write!(err, "Which one (a number; nothing else writes anything){hint}? ")?;
    err.flush()?;
    let mut bytes = Vec::new();
    stdin().lock().take(MAX_LINE).read_until(b'\n', &mut bytes)?;
    let answer = String::from_utf8_lossy(&bytes);
    let ended = bytes.is_empty();
    let chosen = match answer.trim() {
        "" if !ended => usual,
        text => text.parse::<usize>().ok().and_then(|number| number.checked_sub(1)),
    };
    let chosen = chosen.filter(|at| *at < lines.len());
    chosen.ok_or_else(|| Usage("nothing was chosen, so nothing was written".to_owned()).into())
}

/// A server's word on one line.
fn shown(text: &str) -> String {
    safe::line(text)
}

/// What a failed question means for the exit code.
fn told(error: Error) -> anyhow::Error {
    let offline = "`aspm-lsp init --offline` writes a starter file without asking";
    match error {
        Error::Server { why, .. } => Usage(format!("{}; {offline}", shown(&why))).into(),
        Error::Http { error, .. } => anyhow::anyhow!("{}; {offline}", shown(&error.to_string())),
        error => anyhow::anyhow!("{error}"),
    }
}
