//! `textDocument/hover`: why, where from, how to fix.

use std::sync::Arc;

use engine::{Shown, Snapshot};
use lsp_types::{Hover, HoverParams, MarkupContent, MarkupKind};
use tower_lsp::jsonrpc::Result;

use crate::lsp::answer::answer;
use crate::lsp::position;
use crate::lsp::session::{Open, Session, open};
use crate::present::page::{self, Depth, Stands, Subject};
use crate::report::texts::Texts;

pub(in crate::lsp) async fn handle(session: &Arc<Session>, params: HoverParams) -> Result<Option<Hover>> {
    answer(session, "textDocument/hover", move |session, snapshot, _| Ok(hover(session, snapshot, &params))).await
}

fn hover(session: &Session, snapshot: &Snapshot, params: &HoverParams) -> Option<Hover> {
    let place = &params.text_document_position_params;
    let Open { document, file } = open(snapshot, &place.text_document.uri)?;
    let negotiated = session.negotiated();
    let at = position::offset(&document.text, &document.lines, place.position, negotiated.encoding);
    let mut here: Vec<Shown> = snapshot
        .shown(&file)
        .into_iter()
        .filter(|shown| match shown.range() {
            Some(range) => range.start <= at && at <= range.end,
            None => place.position.line == 0,
        })
        .collect();
    here.sort_by_key(nearness);
    let range = here.first().and_then(Shown::range).cloned();
    let parts: Vec<String> = here.iter().filter_map(|shown| describe(session, snapshot, shown)).collect();
    if parts.is_empty() {
        return None;
    }
    let (kind, rule) =
        if negotiated.markdown { (MarkupKind::Markdown, "\n\n---\n\n") } else { (MarkupKind::PlainText, "\n\n") };
    Some(Hover {
        contents: MarkupContent { kind, value: parts.join(rule) }.into(),
        range: range.map(|range| position::range(&document.text, &document.lines, &range, negotiated.encoding)),
    })
}

/// The innermost says most about a spot, then the loudest.
pub(in crate::lsp) fn nearness(shown: &Shown) -> (usize, std::cmp::Reverse<engine::Attention>) {
    (shown.range().map_or(usize::MAX, ExactSizeIterator::len), std::cmp::Reverse(shown.attention))
}

/// A diagnostic's findings in words.
fn describe(session: &Session, snapshot: &Snapshot, shown: &Shown) -> Option<String> {
    let path_note = shown.path_note();
    let root = snapshot.root(shown.root)?;
    let now = crate::clock::now();
    let mut texts = Texts::new(&session.driver, snapshot, root).keeping(&session.texts);
    let steps: Vec<Option<Vec<Stands>>> =
        (0..shown.len()).map(|member| shown.steps(member).map(|steps| texts.stand(steps))).collect();
    let subjects: Vec<Subject<'_>> = (0..shown.len())
        .filter_map(|member| {
            let finding = shown.finding(member)?;
            let source = root.sources.iter().find(|source| *source.name == *finding.source);
            let assumed = source.and_then(|source| source.meta.assumed_commit.as_deref());
            Some(Subject {
                finding,
                placement: shown.placement_of(member),
                scanned_line: finding.evidence.region.map(|region| region.line),
                path_note: path_note.as_deref(),
                synced_at: source.and_then(|source| source.meta.synced_at.as_deref()),
                assumed_commit: assumed.filter(|_| finding.evidence.commit.is_none()),
                package: shown.package(member).map(|package| &**package),
                steps: steps[member].as_deref(),
                judged: Some(shown.judged(member)),
                asked: None,
                now,
            })
        })
        .collect();
    if subjects.is_empty() {
        return None;
    }
    let write = if session.negotiated().markdown { page::markdown } else { page::plain };
    Some(write(&subjects, Depth::Hover))
}
