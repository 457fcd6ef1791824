//! `check`: the gate on the command line.

mod format;
mod scope;

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use engine::Survey;
use finding::Finding;
use finding::wire::{GateOutcome, GateReport, Range};

use super::args::{CheckArgs, CheckFormat, FailOn, NoData};
use super::entries::{Positions as _, Texts};
use super::root::Root;
use super::session::Session;
use super::terminal::{Terminal, hang};
use super::{NO_DATA, Usage, session};
use crate::driver::{Judging, Network};
use crate::report::gate::{self, Asked};
use format::{Checkout, Material};
use scope::Scope;

/// Exit code for a change that may not pass.
const VIOLATIONS: u8 = 1;

/// Judges what `args` ask about.
pub(super) fn run(
    args: &CheckArgs,
    root: &Root,
    cache: PathBuf,
    terminal: &Terminal,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let env = |name: &str| std::env::var(name).ok();
    let scope = scope::of(args, &root.path, &env)?;
    let survey = match &scope.files {
        None => Survey::All,
        Some(files) => {
            let mut files: Vec<Arc<str>> = files.iter().cloned().collect();
            files.sort_unstable();
            Survey::Only(files.into())
        }
    };
    if args.sync {
        // A bundle that cannot be read anew leaves the last good one, and that is said; the gate goes on with it.
        let online = Judging { network: Network::Asked, is_strict: false, ..scope.judging.clone() };
        let first = session::load_judging(&root.path, cache.clone(), false, online, Survey::Nothing)?;
        for failed in first.driver.pull_policies(&root.path).into_iter().filter_map(Result::err) {
            writeln!(err, "{}", hang("warning: ", &crate::present::safe::line(&failed), 9, terminal.text_width()))?;
        }
    }
    let shows_progress = terminal.shows_progress && args.format == CheckFormat::Human;
    let session = session::load_judging(&root.path, cache, shows_progress, scope.judging.clone(), survey)?;
    let problems = &session.root()?.problems;
    if !problems.is_empty() {
        return Err(Usage(problems.join("\n")).into());
    }
    let mut texts = Texts::new(&session.driver, &session.snapshot, session.root()?);
    let (report, findings, is_for_want_of_data) = judged(&session, &scope, args, &mut texts)?;
    write(&report, &findings, &session, args, &mut texts, terminal, out)?;
    Ok(exit(&report, args, is_for_want_of_data))
}

fn judged(
    session: &Session,
    scope: &Scope,
    args: &CheckArgs,
    texts: &mut Texts<'_>,
) -> anyhow::Result<(GateReport<Range>, Vec<Arc<Finding>>, bool)> {
    let fails_on = match args.fail_on {
        FailOn::Block => finding::Action::Block,
        FailOn::Warn => finding::Action::Warn,
    };
    let (told, files) = (scope.told.clone(), scope.files.as_ref());
    let asked = Asked { scope: told, files, place: scope.place, max_age: args.max_age, fails_on };
    let root = session.root()?;
    let answer = gate::answer(&session.driver, &session.snapshot, root, asked, &mut |at| texts.range(at))?;
    let mut report = answer.report;
    report.undecided.extend(scope.undecided.iter().cloned());
    if !scope.undecided.is_empty() && report.outcome == GateOutcome::Pass {
        report.outcome = GateOutcome::Undecided;
    }
    if let Some(why) = &scope.nothing {
        report.notices.insert(0, format!("Nothing to check: {why}."));
        // What cannot be judged because it is not there needs no data.
        if report.violations.is_empty() && scope.undecided.is_empty() {
            let is_nothing = answer.submodules.is_empty();
            report.outcome = if is_nothing { GateOutcome::Nothing } else { GateOutcome::Undecided };
            report.undecided = answer.submodules;
        }
    }
    for source in root.sources.iter().filter(|source| source.config.url.is_none()) {
        if scope.judging.is_strict && !session.driver.is_reviewed(&root.path, &source.config) {
            report.notices.push(format!(
                "Source \"{}\" is unreviewed: its logs are not in git, so whoever can write here can change them.",
                source.name
            ));
        }
    }
    Ok((report, answer.findings, answer.is_for_want_of_data))
}

fn write(
    report: &GateReport<Range>,
    findings: &[Arc<Finding>],
    session: &Session,
    args: &CheckArgs,
    texts: &mut Texts<'_>,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let root = session.root()?;
    let by_id: HashMap<String, &Arc<Finding>> =
        findings.iter().map(|finding| (finding.id.to_string(), finding)).collect();
    let paths: Vec<Arc<str>> =
        report.findings.iter().filter_map(|info| info.placement.path.as_deref().map(Arc::from)).collect();
    let known: HashMap<Arc<str>, Arc<str>> =
        paths.into_iter().filter_map(|path| Some((path.clone(), texts.of(&path)?.text.clone()))).collect();
    let url = session.driver.repository_address(&root.path);
    let material = Material {
        text: &|path| known.get(path).cloned(),
        detail: &|id| by_id.get(id).map(|finding| Arc::clone(finding)),
        checkout: Checkout {
            repository: url.as_deref(),
            head: root.head.as_ref().and_then(|head| head.commit.as_deref()),
            branch: root.head.as_ref().and_then(|head| head.branch.as_deref()),
        },
        now: args.now.unwrap_or_else(crate::clock::now),
    };
    match args.format {
        CheckFormat::Human => format::human::write(report, &material, terminal, out)?,
        CheckFormat::Json => format::json::write(report, out)?,
        CheckFormat::Sarif => format::sarif::write(report, &material, out)?,
        CheckFormat::Github => {
            let summary = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
            let mut file = match summary {
                Some(path) => std::fs::OpenOptions::new().append(true).create(true).open(path).ok(),
                None => None,
            };
            format::github::write(report, &material, out, file.as_mut().map(|file| file as &mut dyn Write))?;
        }
        CheckFormat::Gitlab => format::gitlab::write(report, out)?,
        CheckFormat::Junit => format::junit::write(report, &material, out)?,
    }
    Ok(())
}

/// A change that makes itself undecidable is not let through for want of data.
fn exit(report: &GateReport<Range>, args: &CheckArgs, is_for_want_of_data: bool) -> ExitCode {
    let warns = report.findings.iter().any(|info| {
        info.verdict.as_ref().is_some_and(|verdict| verdict.action >= finding::Action::Warn)
            && info.placement.state != finding::State::Uncertain
    });
    match report.outcome {
        GateOutcome::Violations => ExitCode::from(VIOLATIONS),
        _ if warns && args.fail_on == FailOn::Warn => ExitCode::from(VIOLATIONS),
        GateOutcome::Undecided if args.no_data == NoData::Fail || !is_for_want_of_data => ExitCode::from(NO_DATA),
        GateOutcome::Undecided | GateOutcome::Pass | GateOutcome::Nothing => ExitCode::SUCCESS,
    }
}
