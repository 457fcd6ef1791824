//! `policy`: what is in force, why, and the makers' tools.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use finding::wire::PolicyInfo;
use policy::bundle::{self, Algorithm, Bundle, Expect, Overrides, Raw, SigningKey, SigningMaterial};

use super::args::PolicyCommand;
use super::entries;
use super::terminal::{Terminal, count, hang};
use super::{Usage, root, session, usable};
use crate::driver::law::on_disk;
use crate::present::{page, safe, verdict};

/// Exit code when a test failed.
const FAILED: u8 = 1;

pub(super) fn run(
    command: &PolicyCommand,
    given: Option<&Path>,
    cache: &Path,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match command {
        PolicyCommand::Show => show(given, cache, terminal, out),
        PolicyCommand::Explain { id } => explain(id, given, terminal, out),
        PolicyCommand::Test { path } => test(path.as_deref(), terminal, out),
        PolicyCommand::Build { folder, output, revision, sequence, key, key_id, algorithm } => {
            let key = key.as_deref().map(|key| signing_key(key, key_id.as_deref(), algorithm)).transpose()?;
            let raw = read(folder)?;
            let overrides = Overrides { revision: revision.clone(), roots: None, sequence: *sequence };
            let archive = bundle::build(&raw, &overrides, key.as_ref())
                .map_err(|error| Usage(format!("{}: {error}", folder.display())))?;
            // What is published must also be usable.
            let built = bundle::unpack(&archive)?;
            let expect = Expect { keys: &[], now: crate::clock::now() };
            let built = Bundle::read(&folder.display().to_string(), &built, &expect)?;
            let policy = policy::Policy::of_bundle(&built).map_err(|error| Usage(error.to_string()))?;
            policy.try_out(&built).map_err(|error| Usage(error.to_string()))?;
            fs::write(output, &archive).map_err(|error| Usage(format!("{}: {error}", output.display())))?;
            let signed = if key.is_some() { ", signed" } else { ", not signed" };
            writeln!(out, "Wrote {}: {}{signed}.", output.display(), count(built.modules.len(), "Rego file"))?;
            Ok(ExitCode::SUCCESS)
        }
        PolicyCommand::Pull => pull(given, cache, terminal, out),
    }
}

/// The policies in force here.
fn show(given: Option<&Path>, cache: &Path, terminal: &Terminal, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let root = root::find(given)?;
    let session = session::load(&root.path, cache.to_path_buf(), terminal.shows_progress)?;
    let root = session.root()?;
    let law = session.driver.law(&root.path);
    for info in law.policies() {
        writeln!(out, "{}", told(info))?;
        for problem in &info.problems {
            writeln!(out, "{}", hang("  ", &safe::line(problem), 2, terminal.text_width()))?;
        }
    }
    match &root.law.base {
        Some((_, words)) => writeln!(out, "A change is told against {}.", safe::line(words))?,
        None => writeln!(out, "There is no commit to tell a change against.")?,
    }
    let application = law.application("");
    let mut facts = vec![format!("Application: {}", application.name.as_deref().unwrap_or("not known"))];
    facts.extend(application.repository.as_deref().map(|it| format!("bound by {it}")));
    let origin = |factor: &str| law.origin(factor, "").map(|from| format!(" ({from})")).unwrap_or_default();
    facts.extend(application.criticality.as_deref().map(|it| format!("criticality {it}{}", origin("criticality"))));
    facts.extend(application.exposure.as_deref().map(|it| format!("exposure {it}{}", origin("exposure"))));
    writeln!(out, "{}", safe::line(&facts.join(", ")))?;
    writeln!(out, "{} in .aspm/exceptions.yaml count or are asked for.", count(law.exceptions().len(), "exception"))?;
    for problem in root.law.problems.iter().chain(law.undecided()) {
        writeln!(out, "{}", hang("warning: ", &safe::line(problem), 9, terminal.text_width()))?;
    }
    let is_decided = law.undecided().is_empty();
    Ok(if is_decided { ExitCode::SUCCESS } else { ExitCode::from(super::NO_DATA) })
}

fn told(info: &PolicyInfo) -> String {
    let revision = info.revision.as_deref().map(|it| format!(", revision {it}")).unwrap_or_default();
    let signed = info.signed_by.as_deref().map(|it| format!(", signed by {it}")).unwrap_or_default();
    format!("Policy: {}{}{}", safe::line(&info.origin), safe::line(&revision), safe::line(&signed))
}

/// Every factor and clause of one verdict.
fn explain(typed: &str, given: Option<&Path>, terminal: &Terminal, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let session = usable(given, terminal)?;
    let root = session.root()?;
    let found = session.snapshot.find(typed);
    let [(_, id)] = found.as_slice() else {
        let what = if found.is_empty() { "no finding's id is or starts with" } else { "several ids start with" };
        return Err(Usage(format!("{what} {typed:?}; `aspm-lsp list --status all` shows the ids")).into());
    };
    let all = entries::all(&session.snapshot, root);
    let (Some(entry), Some(finding)) = (all.iter().find(|entry| entry.row.id == *id), session.finding(id)?) else {
        anyhow::bail!("the findings are being read anew by another process: try again");
    };
    writeln!(out, "{} ({})", page::title(&finding), page::short_id(id))?;
    let law = session.driver.law(&root.path);
    let late;
    let judged = if let Some(judged) = entry.judged {
        judged
    } else {
        let case = crate::driver::law::Case {
            finding: &finding,
            placement: &entry.placement,
            change: finding::ChangeKind::Existing,
            is_newly_suppressed: false,
            exception: None,
        };
        let mut problems = Vec::new();
        late = law.judge(&[case], &std::collections::HashMap::new(), &|| false, &mut problems);
        for problem in problems {
            writeln!(out, "warning: {}", safe::line(&problem))?;
        }
        &late[0]
    };
    let Some(said) = judged.verdict.as_deref() else {
        writeln!(out, "Policy could not decide about this finding.")?;
        let start = format!("No verdict for {id}: ");
        let of_it = root.groups.values().flat_map(|group| group.problems.iter());
        let of_it = of_it.filter(|problem| problem.starts_with(&start));
        for problem in of_it.chain(&root.law.problems).chain(law.undecided()) {
            writeln!(out, "{}", hang("warning: ", &safe::line(problem), 9, terminal.text_width()))?;
        }
        return Ok(ExitCode::from(super::NO_DATA));
    };
    let due = said.due.as_deref().map(|due| format!(", due {}", safe::line(due))).unwrap_or_default();
    writeln!(
        out,
        "\nVerdict: {}, risk {} of 100{due}; {}",
        said.action.label(),
        said.risk,
        verdict::change(judged.change)
    )?;
    writeln!(out, "\nBecause:")?;
    for clause in &said.reasons {
        let head = format!("  {}: ", safe::line(&clause.clause));
        writeln!(out, "{}", hang(&head, &safe::line(&clause.message), 4, terminal.text_width()))?;
        if let Some(url) = &clause.url {
            writeln!(out, "    {}", safe::line(url))?;
        }
    }
    writeln!(out, "\nRisk:")?;
    for factor in &said.factors {
        let origin = law.origin(&factor.name, entry.path()).map(|from| format!(" ({from})")).unwrap_or_default();
        writeln!(
            out,
            "  {:>6}  {}",
            format!("{:+}", factor.weight),
            safe::line(&format!("{}: {}{origin}", factor.name, factor.value)),
        )?;
    }
    if let Some(exception) = judged.exception.as_deref() {
        let reason = exception.reason.as_deref().unwrap_or("no reason given");
        let state = format!("{:?}", exception.state).to_lowercase();
        writeln!(out, "\nException ({state}): {}", safe::line(reason))?;
    }
    for info in law.policies() {
        writeln!(out, "\n{}", told(info))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn test(path: Option<&Path>, terminal: &Terminal, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let results = match path {
        None => policy::run_built_in_tests().map_err(|error| Usage(error.to_string()))?,
        Some(path) => {
            let expect = Expect { keys: &[], now: crate::clock::now() };
            let name = path.display().to_string();
            let bundle =
                Bundle::read(&name, &read(path)?, &expect).map_err(|error| Usage(format!("{name}: {error}")))?;
            policy::run_tests(&bundle, &|| false).map_err(|error| Usage(error.to_string()))?
        }
    };
    let (mut failed, mut skipped) = (0, 0);
    for result in &results {
        match result.outcome {
            policy::TestOutcome::Passed => continue,
            policy::TestOutcome::Skipped => {
                skipped += 1;
                continue;
            }
            policy::TestOutcome::Failed | policy::TestOutcome::Errored => failed += 1,
        }
        let head = format!("{}:{}: {}: ", safe::line(&result.file), result.line, safe::line(&result.name));
        let what = result.message.as_deref().unwrap_or("is not true");
        writeln!(out, "{}", hang(&head, &safe::line(what), 4, terminal.text_width()))?;
    }
    let passed = results.len() - failed - skipped;
    let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    if results.is_empty() {
        writeln!(out, "No tests: they are rules test_… in files that end in _test.rego.")?;
    } else {
        writeln!(out, "{} passed, {failed} failed{skipped}.", count(passed, "test"))?;
    }
    Ok(if failed > 0 { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

fn read(path: &Path) -> Result<Raw, Usage> {
    on_disk(path).map_err(|why| Usage(format!("{}: {why}", path.display())))
}

fn signing_key(path: &Path, id: Option<&str>, algorithm: &str) -> anyhow::Result<SigningKey> {
    let algorithm: Algorithm = serde_json::from_value(serde_json::Value::String(algorithm.to_owned()))
        .map_err(|_| Usage(format!("{algorithm:?} is no signature algorithm: RS256, PS256, ES256, … or HS256")))?;
    let text = fs::read_to_string(path).map_err(|error| Usage(format!("{}: {error}", path.display())))?;
    let material = match algorithm {
        Algorithm::HS256 => SigningMaterial::Secret(text.trim_end().as_bytes().to_vec()),
        _ => SigningMaterial::PrivateKey(text),
    };
    Ok(SigningKey { id: id.map(str::to_owned), algorithm, material, scope: None })
}

/// Reads the bundles anew.
fn pull(given: Option<&Path>, cache: &Path, terminal: &Terminal, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let root = root::find(given)?;
    let session = session::load(&root.path, cache.to_path_buf(), terminal.shows_progress)?;
    let told = session.driver.pull_policies(&session.root()?.path);
    let mut is_good = true;
    for pulled in &told {
        match pulled {
            Ok(line) => writeln!(out, "{}", safe::line(line))?,
            Err(why) => {
                is_good = false;
                writeln!(out, "{}", hang("error: ", &safe::line(why), 7, terminal.text_width()))?;
            }
        }
    }
    if told.is_empty() {
        writeln!(out, "No policy lies behind a URL here; `aspm-lsp policy show` tells what is in force.")?;
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}
