//! What is shown, as LSP diagnostics.

use engine::{Attention, FileRef, Shown, Snapshot};
use finding::{FlowStep, State};
use lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    Position, Range, Uri,
};
use serde_json::json;

use super::session::{Session, uri_of};
use super::{placed, position};
use crate::present::{page, safe, verdict};
use crate::report::texts::{Text, Texts};

/// Steps, and twins, named in one diagnostic at most.
const MOST_RELATED: usize = 24;

/// The diagnostics of a file as it stands in the snapshot.
pub(crate) fn of_file(session: &Session, snapshot: &Snapshot, file: &FileRef) -> Vec<Diagnostic> {
    let shown = snapshot.shown(file);
    if shown.is_empty() {
        return Vec::new();
    }
    let Some(uri) = uri_of(snapshot, file) else { return Vec::new() };
    let Some(root) = snapshot.root(file.root) else { return Vec::new() };
    let mut texts = Texts::new(&session.driver, snapshot, root).keeping(&session.texts);
    let Some(text) = texts.of(&file.path).cloned() else { return Vec::new() };
    shown.iter().map(|shown| one(session, snapshot, (&uri, &text, &mut texts), shown)).collect()
}

fn one(
    session: &Session,
    snapshot: &Snapshot,
    (uri, text, texts): (&Uri, &Text, &mut Texts<'_>),
    shown: &Shown,
) -> Diagnostic {
    let negotiated = session.negotiated();
    let finding = shown.finding(0);
    let help = finding.and_then(|finding| finding.rule.help_url.as_deref()).and_then(|url| Uri::parse(url).ok());
    let is_related = negotiated.related_information;
    let related = if is_related { related(session, snapshot, (uri, text, texts), shown) } else { Vec::new() };
    Diagnostic {
        range: placed::range(text, shown.range(), session.negotiated().encoding),
        severity: Some(severity(shown.attention)),
        code: Some(Code::String(safe::line(shown.rule(0)))),
        code_description: help.filter(|_| negotiated.code_description).map(|href| CodeDescription { href }),
        source: Some(tools(shown)),
        message: message(shown).into(),
        tags: (negotiated.tags && shown.attention == Attention::Hint).then(|| vec![DiagnosticTag::Unnecessary]),
        related_information: (!related.is_empty()).then_some(related),
        data: Some(json!({ "ids": shown.ids().map(ToString::to_string).collect::<Vec<_>>() })),
    }
}

fn severity(attention: Attention) -> DiagnosticSeverity {
    match attention {
        Attention::Urgent => DiagnosticSeverity::Error,
        Attention::Warn => DiagnosticSeverity::Warning,
        Attention::Inform => DiagnosticSeverity::Information,
        Attention::Hint | Attention::Hidden => DiagnosticSeverity::Hint,
    }
}

/// Every tool that reported it, once.
pub(crate) fn tools(shown: &Shown) -> String {
    let mut tools: Vec<&str> = (0..shown.len()).map(|member| shown.tool(member)).collect();
    let mut seen = std::collections::HashSet::new();
    tools.retain(|tool| seen.insert(*tool));
    safe::line(&tools.join(", "))
}

fn message(shown: &Shown) -> String {
    let mut message = safe::line(shown.message(0));
    // Of all findings shown here, what the strictest verdict says.
    let strictest =
        (0..shown.len()).filter_map(|member| shown.judged(member).verdict.as_ref()).max_by_key(|it| it.action);
    if let Some(said) = strictest.and_then(|said| verdict::line(said, shown.placement().state)) {
        message = format!("{} [{said}]", message.trim_end_matches('.'));
    }
    let pending = (0..shown.len()).find_map(|member| shown.judged(member).pending.as_deref());
    if let Some(pending) = pending {
        message = format!("{message} ({})", safe::line(pending));
    }
    let placement = shown.placement();
    match (placement.state, &placement.suppressed_by) {
        (_, Some(comment)) => format!("{message} (suppressed by `{}`)", safe::line(comment)),
        (State::Edited, _) => format!("{message} (edited since the scan: verify)"),
        (State::Uncertain, _) => format!("{message} (best guess of where this is now)"),
        _ => message,
    }
}

fn related(
    session: &Session,
    snapshot: &Snapshot,
    (uri, text, texts): (&Uri, &Text, &mut Texts<'_>),
    shown: &Shown,
) -> Vec<DiagnosticRelatedInformation> {
    let mut related: Vec<DiagnosticRelatedInformation> = way(session, snapshot, uri, text, shown).into_iter().collect();
    related.extend(steps(session, snapshot, texts, shown));
    related.extend(twins(session, uri, text, shown));
    related
}

/// Who brings a vulnerable package, at the place where its version is locked.
fn way(
    session: &Session,
    snapshot: &Snapshot,
    uri: &Uri,
    text: &Text,
    shown: &Shown,
) -> Option<DiagnosticRelatedInformation> {
    let package = shown.package(0)?;
    let way = package.way_words();
    let here =
        || Location { uri: uri.clone(), range: placed::range(text, shown.range(), session.negotiated().encoding) };
    let locked = package.locked.as_ref().and_then(|spot| {
        let file = FileRef { root: shown.root, path: spot.path.clone() };
        let encoding = session.negotiated().encoding;
        let start = position::width(&spot.before, encoding);
        let end = start.saturating_add(position::width(&spot.text, encoding));
        let place = |character| Position { line: spot.line, character };
        Some(Location { uri: uri_of(snapshot, &file)?, range: Range { start: place(start), end: place(end) } })
    });
    let message = match (way, &package.current, &locked) {
        (Some(way), ..) => way,
        (None, Some(current), Some(_)) => format!("{} {current} is locked here", package.name),
        _ => return None,
    };
    Some(DiagnosticRelatedInformation { location: locked.unwrap_or_else(here), message: safe::line(&message) })
}

/// The data flow, then other places, where they are now; what is on no code any more is told by the page.
fn steps(
    session: &Session,
    snapshot: &Snapshot,
    texts: &mut Texts<'_>,
    shown: &Shown,
) -> Vec<DiagnosticRelatedInformation> {
    let (Some(finding), Some(placed)) = (shown.finding(0), shown.steps(0)) else { return Vec::new() };
    let count = finding.flow.len();
    let told = |at: usize, step: &FlowStep| {
        let words = page::step_words(step);
        match (at < count, words.is_empty()) {
            (true, true) => format!("step {} of {count}", at + 1),
            (true, false) => format!("step {} of {count}: {words}", at + 1),
            (false, true) => "see also".to_owned(),
            (false, false) => words,
        }
    };
    let remark = |state: State| match state {
        State::Edited => " (edited since the scan)",
        State::Uncertain => " (best guess)",
        _ => "",
    };
    let encoding = session.negotiated().encoding;
    let all: Vec<DiagnosticRelatedInformation> = (finding.flow.iter().chain(&finding.related))
        .zip(placed)
        .enumerate()
        .filter_map(|(at, (step, placement))| {
            let location = placed::location(snapshot, texts, placement, encoding)?;
            Some(DiagnosticRelatedInformation { location, message: told(at, step) + remark(placement.state) })
        })
        .collect();
    shortened(all)
}

/// Where there are too many, the first ones and the last, where it hurts.
fn shortened(mut all: Vec<DiagnosticRelatedInformation>) -> Vec<DiagnosticRelatedInformation> {
    const FIRST: usize = 8;
    if all.len() > MOST_RELATED {
        all.drain(FIRST..all.len() - (MOST_RELATED - FIRST));
    }
    all
}

fn twins(session: &Session, uri: &Uri, text: &Text, shown: &Shown) -> Vec<DiagnosticRelatedInformation> {
    let here =
        || Location { uri: uri.clone(), range: placed::range(text, shown.range(), session.negotiated().encoding) };
    (1..shown.len().min(MOST_RELATED))
        .map(|member| DiagnosticRelatedInformation {
            location: here(),
            message: format!(
                "{} {}: {}",
                safe::line(shown.tool(member)),
                safe::line(shown.rule(member)),
                safe::line(shown.message(member))
            ),
        })
        .collect()
}
