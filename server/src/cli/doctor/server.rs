//! The server behind a source: the way there, who one is, what of it belongs here, and what to do where something fails.

use connectors::http::{Certificate, HttpError, TlsFault, Way};
use connectors::{Error, Health, ServerFault};
use engine::Source;

use super::Report;
use crate::cli::session::Session;
use crate::cli::terminal::count;
use crate::driver::{Credential, Examined};

/// A clock that differs by more makes ages and due dates wrong.
const MOST_SKEW: i64 = 120;

/// Whether the source can be read now.
pub(super) fn examine(session: &Session, source: &Source, report: &mut Report) -> anyhow::Result<bool> {
    let path = &session.root()?.path;
    let Some(found) = session.driver.examine(path, &source.config) else { return Ok(true) };
    let name = &source.name;
    let is_listed = listed(name, &found, report);
    let is_well = is_listed
        && match &found.way {
            Some(Ok(way)) => {
                ways(way, &found, report);
                health(name, way, &found, report)
            }
            Some(Err(error)) => {
                failure(name, error, None, &found, report);
                false
            }
            None => false,
        };
    outbox(session, source, report)?;
    Ok(is_well)
}

/// What the user's configuration says of it.
fn listed(name: &str, found: &Examined, report: &mut Report) -> bool {
    let origin = &found.origin;
    let file = found.config.as_ref().map_or_else(|| "config.toml".to_owned(), |file| file.display().to_string());
    if let Some(problem) = &found.broken {
        report.detail("server: not asked, your configuration has mistakes");
        report.problem(
            format!("{name}: no server is asked while your configuration has mistakes: {problem}"),
            format!("correct {file}"),
        );
        return false;
    }
    let Some(credential) = &found.credential else {
        report.detail("server: not one that you allow, so nothing was asked of it");
        report.problem(
            format!(
                "{name}: the repository names {origin}, and {file} does not list it. A repository alone causes no \
                 request."
            ),
            format!("if you know that server and it should be asked: aspm-lsp login {origin}"),
        );
        return false;
    };
    report.detail(match credential {
        Credential::None => "server: listed in your config.toml, without a credential".to_owned(),
        Credential::Kept(place) => listed_with(place),
        Credential::Elsewhere(place) => listed_with(place),
    });
    true
}

fn listed_with(place: &str) -> String {
    format!("server: listed in your config.toml, its token is {place}")
}

fn ways(way: &Way, found: &Examined, report: &mut Report) {
    match &way.proxy {
        Some(proxy) => report.detail(format!("way: through the proxy {proxy}")),
        None if way.addresses.iter().any(|it| found.origin.contains(&it.to_string())) => report.detail("way: no proxy"),
        None if way.addresses.is_empty() => report.detail("way: no proxy; the name could not be looked up"),
        None => {
            let addresses: Vec<String> = way.addresses.iter().map(ToString::to_string).collect();
            report.detail(format!("way: no proxy; the name stands for {}", addresses.join(", ")));
        }
    }
    if let Some(certificate) = &way.certificate {
        let until = certificate.not_after.map_or_else(String::new, |until| format!(", valid until {}", day(until)));
        let ca =
            found.ca.as_ref().map_or_else(String::new, |ca| format!("; trusted beside the system's: {}", ca.display()));
        report.detail(format!("certificate: issued by {}{until}{ca}", issuer(certificate)));
    }
}

fn day(moment: jiff::Timestamp) -> String {
    moment.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

fn issuer(certificate: &Certificate) -> String {
    let name = |name: &str| if name.is_empty() { "somebody without a name".to_owned() } else { format!("\"{name}\"") };
    match &certificate.authority {
        Some(authority) => format!("{} (in turn vouched for by {})", name(&certificate.issuer), name(authority)),
        None => name(&certificate.issuer),
    }
}

fn health(name: &str, way: &Way, found: &Examined, report: &mut Report) -> bool {
    let health = match &found.health {
        Some(Ok(health)) => health,
        Some(Err(error)) => {
            refusal(name, error, way, found, report);
            return false;
        }
        None => return false,
    };
    if let Some(account) = &health.account {
        report.detail(format!("account: signed in as {account}"));
    } else {
        report.detail("answer: it is there");
    }
    clock(name, health, report);
    match &health.reads {
        Ok(Some(reads)) => {
            report.detail(format!("reads: product \"{}\", {}; {}", reads.name, reads.why, reads.parts));
            true
        }
        Ok(None) => true,
        Err(error) => {
            report.detail("reads: nothing, since it is not clear which product holds this repository");
            unbound(name, error, health, found, report);
            false
        }
    }
}

fn clock(name: &str, health: &Health, report: &mut Report) {
    let Some(ahead) = health.clock_ahead else { return };
    if ahead.abs() <= MOST_SKEW {
        return report.detail("clock: as the server's");
    }
    let by = match ahead.unsigned_abs() {
        seconds @ ..7200 => count(usize::try_from(seconds / 60).unwrap_or(0), "minute"),
        seconds => count(usize::try_from(seconds / 3600).unwrap_or(0), "hour"),
    };
    let way = if ahead > 0 { "behind" } else { "ahead of" };
    report.detail(format!("clock: this computer's is {by} {way} the server's"));
    report.problem(
        format!(
            "{name}: this computer's clock is {by} {way} the server's. What is read is right, since the server's own \
             times are used for that; ages, due dates and ends of exceptions are off by as much."
        ),
        "set this computer's clock by the network; if it is right, tell who runs the server",
    );
}

/// The account is good, and nothing is bound to it.
fn unbound(name: &str, error: &Error, health: &Health, found: &Examined, report: &mut Report) {
    let account = health.account.as_deref().unwrap_or("this account");
    let choose = "`aspm-lsp init` shows them and writes your choice into aspm.toml";
    match error {
        Error::Product { is_several, candidates, .. } => {
            let names = if candidates.is_empty() { "none".to_owned() } else { candidates.join(", ") };
            let here = match found.repositories.as_slice() {
                [] => "this folder, which has no git remote".to_owned(),
                urls => format!("this repository ({})", urls.join(", ")),
            };
            let what = if *is_several {
                format!("{name}: several products name this repository: {names}.")
            } else {
                format!("{name}: none of the products that {account} may see names {here}. It may see: {names}.")
            };
            let todo = if candidates.is_empty() {
                format!("ask an administrator of {} to give {account} the product", found.origin)
            } else {
                format!("{choose} (`product = \"…\"`); or set the repository's URL at the engagement on the server")
            };
            report.problem(what, todo);
        }
        Error::Server { why, .. } => report.problem(format!("{name}: {why}."), choose),
        error => report.problem(error.to_string(), ""),
    }
}

/// The server answers, and not as it should.
fn refusal(name: &str, error: &Error, way: &Way, found: &Examined, report: &mut Report) {
    let origin = &found.origin;
    let renew = match &found.credential {
        Some(Credential::Elsewhere(place)) => {
            format!("make a new one there (user menu, \"API v2 Key\"); the one that is sent is {place}")
        }
        _ => format!("make a new one there (user menu, \"API v2 Key\") and run: aspm-lsp login {origin}"),
    };
    let fault = match error {
        Error::Http { error, .. } => return failure(name, error, Some(way), found, report),
        Error::Server { fault, .. } => *fault,
        error => return report.problem(error.to_string(), ""),
    };
    let why = if let Error::Server { why, .. } = error { why.as_str() } else { "" };
    match fault {
        ServerFault::BadToken => {
            report.detail("account: the token is not accepted");
            let what =
                format!("{name}: {origin} does not accept the token: it is wrong, expired, or its account is off.");
            report.problem(what, renew);
        }
        ServerFault::NoToken => {
            report.detail("account: no token");
            let (what, todo) = match &found.credential {
                Some(Credential::None) | None => (
                    format!("{name}: {origin} wants a token, and none is configured."),
                    format!("aspm-lsp login {origin}"),
                ),
                _ => (
                    format!("{name}: {origin} says that no token came along, although one was sent."),
                    "something in between (a proxy, a sign-in page) takes it away: ask who runs it".to_owned(),
                ),
            };
            report.problem(what, todo);
        }
        ServerFault::NoPermission => {
            report.detail("account: the token is good, its account may not read");
            report.problem(
                format!("{name}: {why}."),
                format!("ask an administrator of {origin} for access; a new token does not help"),
            );
        }
        ServerFault::NotThisKind | ServerFault::WrongVersion | ServerFault::Unsound => {
            report.detail("answer: not as expected");
            report.problem(format!("{name}: {why}."), "");
        }
    }
}

/// There is no answer to rely on.
fn failure(name: &str, error: &HttpError, way: Option<&Way>, found: &Examined, report: &mut Report) {
    let offline = "work goes on with what was read before, and triage is kept until then";
    match error {
        HttpError::Tls { fault: TlsFault::Untrusted, .. } => {
            report.detail("answer: none, its certificate is not trusted");
            let shown = way.and_then(|way| way.certificate.as_ref());
            let by = shown.map_or_else(String::new, |shown| format!(" It is issued by {}.", issuer(shown)));
            let what = format!(
                "{name}: this computer does not trust the certificate that came for {}, so nothing was sent.{by}",
                found.origin
            );
            let todo = format!(
                "if that is your organisation's own authority, or its proxy's that looks into encrypted traffic, get its \
                 certificate as a PEM file and name it in config.toml: [[server]] url = \"{}\", ca = \"/path/to/ca.pem\". \
                 If you do not know it, somebody may be listening: ask first",
                found.origin
            );
            report.problem(what, todo);
        }
        HttpError::Credential(error) => {
            report.detail("account: the token is not to be had");
            report.problem(format!("{name}: {error}."), "");
        }
        error if error.is_transient() && error.status().is_none() => {
            report.detail("answer: not reachable");
            report.problem(format!("{name}: not reachable: {error}."), offline);
        }
        error => {
            report.detail("answer: none to rely on");
            report.problem(format!("{name}: {error}."), "");
        }
    }
}

fn outbox(session: &Session, source: &Source, report: &mut Report) -> anyhow::Result<()> {
    let waiting = match session.driver.waiting(&session.root()?.path) {
        Ok(waiting) => waiting,
        Err(why) => {
            report.detail("outbox: cannot be used");
            report.problem(why, "triage is refused until this is put right; findings are read all the same");
            return Ok(());
        }
    };
    let ours: Vec<_> = waiting.iter().filter(|one| *one.source == *source.name).collect();
    let decide = ours.iter().filter(|one| one.needs_a_person).count();
    match (ours.len(), decide) {
        (0, _) => report.detail("outbox: nothing waits"),
        (all, 0) => {
            report.detail(format!("outbox: {} to be sent", count(all, "triage")));
            report.problem(
                format!("{}: {} not sent yet.", source.name, count(all, "triage")),
                "`aspm-lsp sync` sends what waits; `aspm-lsp outbox list` tells of each why it is still here",
            );
        }
        (all, decide) => {
            report.detail(format!("outbox: {} not confirmed, {decide} for you to decide", count(all, "triage")));
            report.problem(
                format!("{}: {} the source will not have as it is.", source.name, count(decide, "triage")),
                "`aspm-lsp outbox list` says why; `outbox retry ID` sends it all the same, `outbox discard ID` gives it up",
            );
        }
    }
    Ok(())
}
