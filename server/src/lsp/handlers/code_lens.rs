//! `textDocument/codeLens`: on each function and on the file, how many findings and how bad.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Attention, Shown, Snapshot};
use finding::Severity;
use lsp_types::{CodeLens, CodeLensParams, Command, Uri};
use serde_json::json;
use tower_lsp::jsonrpc::Result;

use crate::lsp::answer::answer;
use crate::lsp::position;
use crate::lsp::session::{Open, Session, open};

pub(in crate::lsp) async fn handle(session: &Arc<Session>, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
    let uri = params.text_document.uri;
    answer(session, "textDocument/codeLens", move |session, snapshot, cancelled| {
        Ok(lenses(session, snapshot, &uri, cancelled))
    })
    .await
}

fn lenses(session: &Session, snapshot: &Snapshot, uri: &Uri, cancelled: &dyn Fn() -> bool) -> Option<Vec<CodeLens>> {
    if !snapshot.settings().code_lens {
        return None;
    }
    let Open { document, file } = open(snapshot, uri)?;
    let shown = snapshot.shown(&file);
    if shown.is_empty() {
        return None;
    }
    let encoding = session.negotiated().encoding;
    let lens = |at: usize, shown: &[&Shown]| CodeLens {
        range: position::range(&document.text, &document.lines, &(at..at), encoding),
        command: Some(command(shown)),
        data: None,
    };
    let all: Vec<&Shown> = shown.iter().collect();
    let mut lenses = Vec::new();
    let parse = || document.language.and_then(|language| syntax::parse(language, &document.text, None, cancelled));
    let parsed = document.parsed.clone().filter(|_| document.is_parse_current).or_else(parse);
    let mut in_functions = 0;
    if let Some(parsed) = parsed {
        let mut by_function: BTreeMap<usize, Vec<&Shown>> = BTreeMap::new();
        for shown in &shown {
            let Some(range) = shown.range() else { continue };
            if let Some(symbol) = parsed.symbols(&document.text, range.start).pop() {
                by_function.entry(symbol.range.start).or_default().push(shown);
            }
        }
        in_functions = by_function.iter().filter(|(at, _)| **at > 0).map(|(_, shown)| shown.len()).sum();
        lenses.extend(by_function.iter().filter(|(at, _)| **at > 0).map(|(at, shown)| lens(*at, shown)));
    }
    // The file's own lens says something new only when not all stands in one function.
    if !(lenses.len() == 1 && all.len() == in_functions) {
        lenses.insert(0, lens(0, &all));
    }
    Some(lenses)
}

/// "3 findings, worst high"; a click opens the worst.
fn command(shown: &[&Shown]) -> Command {
    let count: usize = shown.iter().map(|shown| shown.len()).sum();
    let severity =
        |shown: &Shown| (0..shown.len()).map(|member| shown.severity(member)).max().unwrap_or(Severity::Info);
    let worst = shown.iter().max_by_key(|shown| (shown.attention, severity(shown)));
    let label = worst.map_or("info", |worst| severity(worst).label());
    let plural = if count == 1 { "" } else { "s" };
    // What policy blocks is worth saying before anything else.
    let blocks: usize = shown.iter().filter(|shown| shown.attention == Attention::Urgent).count();
    let is_judged = shown.iter().all(|shown| shown.judged(0).verdict.is_some());
    let blocks = if is_judged && blocks > 0 {
        format!(", {blocks} block{}", if blocks == 1 { "s" } else { "" })
    } else {
        String::new()
    };
    Command {
        title: format!("{count} security finding{plural}, worst {label}{blocks}"),
        tooltip: None,
        command: "aspm.open".to_owned(),
        arguments: worst.and_then(|worst| worst.ids().next()).map(|id| vec![json!({ "id": id.to_string() })]),
    }
}
