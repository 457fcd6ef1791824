//! `triage`: what a person says of findings. A source that takes triage is told; else it is written down as an exception
//! of the repository, to be approved with the change.

use std::io::Write;
use std::process::ExitCode;

use connectors::Action;
use finding::{FindingId, State, StatusValue};

use super::args::TriageArgs;
use super::entries::{self, Entry};
use super::session::Session;
use super::terminal::{Terminal, hang};
use super::{NO_DATA, Usage, outbox, root};
use crate::present::safe;
use crate::triage::{self, Done, Refused, Said, words};

/// Exit code when it was not done.
const NOT_DONE: u8 = 1;
/// Findings that one call may name by rule or file: more is a matter for the bundle.
const MOST: usize = 1_000;

pub(super) fn run(
    session: &Session,
    args: &TriageArgs,
    terminal: &Terminal,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let said =
        Said { action: args.action(), reason: args.reason.clone(), until: args.until, ticket: args.ticket.clone() };
    let ids = if args.ids.is_empty() { chosen(session, args, &said)? } else { named(session, args)? };
    let root = session.root()?;
    let done = match triage::say(&session.driver, &session.snapshot, root, &ids, &said) {
        Ok(done) => done,
        Err(refused) => {
            let code = match &refused {
                Refused::Usage(why) => return Err(Usage(safe::line(why)).into()),
                Refused::Policy(_) | Refused::Failed(_) => NOT_DONE,
                Refused::Undecided(_) => NO_DATA,
            };
            for (at, line) in words::refusal(&refused).iter().enumerate() {
                let head = if at == 0 { "error: " } else { "       " };
                writeln!(err, "{}", hang(head, line, 7, terminal.text_width()))?;
            }
            return Ok(ExitCode::from(code));
        }
    };
    for line in words::lines(&done, &said) {
        writeln!(out, "{}", hang("", &line, 2, terminal.text_width()))?;
    }
    if done.file.is_some() {
        let words = "Commit it with the change: it is requested now, and counts once it is merged.";
        writeln!(out, "{}", hang("", words, 0, terminal.text_width()))?;
    }
    out.flush()?;
    if args.queue {
        if done.in_outbox().next().is_some() {
            writeln!(out, "`aspm-lsp sync` or an editor sends it.")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    sent(session, &done, terminal, out, err)
}

/// Sends what was queued, if the source can be reached, and says what came of it.
fn sent(
    session: &Session,
    done: &Done,
    terminal: &Terminal,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let ours: Vec<&str> = done.in_outbox().collect();
    if ours.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    outbox::deliver(session, &ours, terminal, out, err)
}

/// The findings that were typed.
fn named(session: &Session, args: &TriageArgs) -> anyhow::Result<Vec<FindingId>> {
    let mut ids = Vec::new();
    for typed in &args.ids {
        let found = session.snapshot.find(typed);
        let [(_, id)] = found.as_slice() else {
            let what = if found.is_empty() { "no finding's id is or starts with" } else { "several ids start with" };
            return Err(Usage(format!("{what} {typed:?}; `aspm-lsp list --status all` shows the ids")).into());
        };
        ids.push(id.clone());
    }
    Ok(ids)
}

/// Those of a rule, of files, or both, that what is said makes sense of: open ones, or to reopen, decided ones.
fn chosen(session: &Session, args: &TriageArgs, said: &Said) -> anyhow::Result<Vec<FindingId>> {
    let root = session.root()?;
    let below = root::below(&root.path, &args.file)?;
    let is_below = |path: &str| {
        below.iter().any(|wanted| {
            wanted.is_empty()
                || path.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let reopens = said.action == Action::Reopen;
    let is_meant = |entry: &Entry<'_>| {
        // What is gone is fixed with the next scan; only to close it is it of interest.
        let is_there = entry.placement.state != State::Gone || matches!(said.action, Action::Close | Action::Reopen);
        is_there
            && (entry.row.status == StatusValue::Open) != reopens
            && args.rule.as_deref().is_none_or(|rule| is_rule(entry.index.rule(entry.row), rule))
            && (below.is_empty() || is_below(entry.path()) || entry.scanned_path().is_some_and(is_below))
    };
    let all = entries::all(&session.snapshot, root);
    let ids: Vec<FindingId> = all.iter().filter(|entry| is_meant(entry)).map(|entry| entry.row.id.clone()).collect();
    let what = if reopens { "decided" } else { "open" };
    if ids.is_empty() {
        let of = args.rule.as_deref().map(|rule| format!(" of rule {rule}")).unwrap_or_default();
        let at = if args.file.is_empty() { "" } else { " there" };
        return Err(
            Usage(format!("no {what} finding{of}{at}; `aspm-lsp list --status all` shows what there is")).into()
        );
    }
    if ids.len() > MOST {
        return Err(
            Usage(format!("{} {what} findings are more than one call takes ({MOST}); name a file", ids.len())).into()
        );
    }
    Ok(ids)
}

/// Whether a rule's id is what was typed, whole or its last part (`python.lang.security.audit.eval`: `eval`).
fn is_rule(id: &str, typed: &str) -> bool {
    let last = id.rsplit(['.', '/', ':']).next().unwrap_or(id);
    id.eq_ignore_ascii_case(typed) || last.eq_ignore_ascii_case(typed)
}
