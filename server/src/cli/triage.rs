//! `triage`: what a person says of findings, written down as exceptions to be approved with the change.

use std::io::Write;
use std::process::ExitCode;

use finding::StatusValue;
use policy::exceptions;

use super::Usage;
use super::args::{TriageArgs, TriageStatus};
use super::entries;
use super::session::Session;
use crate::present::{page, safe};
use crate::report::request::{self, FILE, Request};

pub(super) fn run(session: &Session, args: &TriageArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let status = match args.status {
        TriageStatus::FalsePositive => StatusValue::FalsePositive,
        TriageStatus::Accept => StatusValue::RiskAccepted,
        TriageStatus::OutOfScope => StatusValue::OutOfScope,
    };
    if args.reason.trim().is_empty() {
        return Err(Usage("--reason is empty: whoever approves the exception reads it".to_owned()).into());
    }
    if status == StatusValue::RiskAccepted && args.until.is_none() {
        return Err(Usage("an accepted risk needs its last day: --until YYYY-MM-DD".to_owned()).into());
    }
    let request =
        Request { status, reason: args.reason.trim().to_owned(), until: args.until, ticket: args.ticket.clone() };
    let root = session.root()?;
    let entries = entries::all(&session.snapshot, root);
    let today = crate::clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut text = request::read(&root.path).map_err(|why| anyhow::anyhow!(why))?;
    let mut told = Vec::new();
    for typed in &args.ids {
        let found = session.snapshot.find(typed);
        let [(_, id)] = found.as_slice() else {
            let what = if found.is_empty() { "no finding's id is or starts with" } else { "several ids start with" };
            return Err(Usage(format!("{what} {typed:?}; `aspm-lsp list --status all` shows the ids")).into());
        };
        let entry = entries.iter().find(|entry| entry.row.id == *id);
        let (Some(entry), Some(finding)) = (entry, session.finding(id)?) else {
            anyhow::bail!("the findings are being read anew by another process: try again");
        };
        let new = request::entry(&session.driver, &root.path, &finding, &entry.placement, &request);
        let added = exceptions::add(text.as_deref(), &new, today).map_err(|error| Usage(error.to_string()))?;
        told.push(format!("{}: {} ({})", added.id, page::title(&finding), page::short_id(id)));
        text = Some(added.text);
    }
    // All or none: the file is written once.
    request::write(&root.path, text.as_deref().unwrap_or_default())?;
    for line in told {
        writeln!(out, "{FILE}: added {}", safe::line(&line))?;
    }
    writeln!(out, "Commit it with the change: it is requested now, and counts once it is merged.")?;
    Ok(ExitCode::SUCCESS)
}
