//! `triage`: what a person says of findings. A source that takes triage is told; else it is written down as an exception
//! of the repository, to be approved with the change.

use std::io::Write;
use std::process::ExitCode;

use connectors::Action;
use finding::{Finding, StatusValue};
use policy::exceptions;

use super::args::{TriageArgs, TriageStatus};
use super::entries::{self, Entry};
use super::session::Session;
use super::{Usage, outbox};
use crate::present::{page, safe};
use crate::report::request::{self, FILE, Request};

pub(super) fn run(session: &Session, args: &TriageArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    if args.reason.trim().is_empty() {
        return Err(Usage("--reason is empty: whoever approves this reads it".to_owned()).into());
    }
    let is_acceptance = args.status == TriageStatus::Accept;
    if is_acceptance && args.until.is_none() {
        return Err(Usage("an accepted risk needs its last day: --until YYYY-MM-DD".to_owned()).into());
    }
    let root = session.root()?;
    let all = entries::all(&session.snapshot, root);
    let mut named: Vec<(&Entry<'_>, Finding)> = Vec::new();
    for typed in &args.ids {
        let found = session.snapshot.find(typed);
        let [(_, id)] = found.as_slice() else {
            let what = if found.is_empty() { "no finding's id is or starts with" } else { "several ids start with" };
            return Err(Usage(format!("{what} {typed:?}; `aspm-lsp list --status all` shows the ids")).into());
        };
        let entry = all.iter().find(|entry| entry.row.id == *id);
        let (Some(entry), Some(finding)) = (entry, session.finding(id)?) else {
            anyhow::bail!("the findings are being read anew by another process: try again");
        };
        named.push((entry, finding));
    }
    let (at_source, here): (Vec<_>, Vec<_>) =
        named.into_iter().partition(|(entry, _)| session.driver.takes_triage(&entry.source.config));
    if !here.is_empty() {
        write_down(session, args, &here, out)?;
    }
    if !at_source.is_empty() {
        send(session, args, &at_source, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Queued first, durable before anybody is told; then sent, if the source can be reached.
fn send(
    session: &Session,
    args: &TriageArgs,
    named: &[(&Entry<'_>, Finding)],
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let action = match args.status {
        TriageStatus::FalsePositive => Action::FalsePositive,
        TriageStatus::Accept => Action::AcceptRisk { until: args.until, accepted_by: None },
        TriageStatus::OutOfScope => Action::OutOfScope,
        TriageStatus::Close => Action::Close,
        TriageStatus::Reopen => Action::Reopen,
        TriageStatus::Verify => Action::Verify,
        TriageStatus::Note => Action::Note,
    };
    let root = session.root()?;
    for (entry, finding) in named {
        let queued = session.driver.enqueue(&root.path, &entry.source.config, finding, &action, args.reason.trim());
        queued.map_err(|why| anyhow::anyhow!(why))?;
        let title = page::title(finding);
        writeln!(out, "Queued: {} for {} ({})", action.label(), safe::line(&title), page::short_id(&finding.id))?;
    }
    out.flush()?;
    let waiting = session.driver.deliver(&root.path);
    if waiting.is_empty() {
        writeln!(out, "The source has confirmed it.")?;
    }
    for line in outbox::lines(&waiting) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn write_down(
    session: &Session,
    args: &TriageArgs,
    named: &[(&Entry<'_>, Finding)],
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let status = match args.status {
        TriageStatus::FalsePositive => StatusValue::FalsePositive,
        TriageStatus::Accept => StatusValue::RiskAccepted,
        TriageStatus::OutOfScope => StatusValue::OutOfScope,
        TriageStatus::Close | TriageStatus::Reopen | TriageStatus::Verify | TriageStatus::Note => {
            return Err(Usage(
                "this source takes no triage; an exception of the repository is false_positive, accept or \
                 out_of_scope. What is fixed goes with the next scan"
                    .to_owned(),
            )
            .into());
        }
    };
    let request =
        Request { status, reason: args.reason.trim().to_owned(), until: args.until, ticket: args.ticket.clone() };
    let root = session.root()?;
    let today = crate::clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut text = request::read(&root.path).map_err(|why| anyhow::anyhow!(why))?;
    let mut told = Vec::new();
    for (entry, finding) in named {
        let new = request::entry(&session.driver, &root.path, finding, &entry.placement, &request);
        let added = exceptions::add(text.as_deref(), &new, today).map_err(|error| Usage(error.to_string()))?;
        told.push(format!("{}: {} ({})", added.id, page::title(finding), page::short_id(&finding.id)));
        text = Some(added.text);
    }
    // All or none: the file is written once.
    request::write(&root.path, text.as_deref().unwrap_or_default())?;
    for line in told {
        writeln!(out, "{FILE}: added {}", safe::line(&line))?;
    }
    writeln!(out, "Commit it with the change: it is requested now, and counts once it is merged.")?;
    Ok(())
}
