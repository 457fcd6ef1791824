//! Steps of a data flow, and other places: what the tool says of each, and where it is now.

use finding::{Evidence, FlowStep, State};

use super::facts::paragraph;
use super::{Stands, runs};
use crate::present::document::{Block, Span};
use crate::present::safe;

/// Steps with their numbers; where there are too many, the first ones and the last, where it hurts. `now` says where
/// they are, as far as that is known.
pub(super) fn list(steps: &[FlowStep], now: &[Stands], most: usize) -> Vec<Block> {
    let (head, tail) = if steps.len() <= most { (steps.len(), steps.len()) } else { (most - 3, steps.len() - 2) };
    let numbered = |from: usize, to: usize| {
        let items = (from..to).map(|at| vec![Block::Paragraph(step(&steps[at], now.get(at)))]).collect();
        Block::List { start: Some(from as u64 + 1), items }
    };
    let mut blocks = vec![numbered(0, head)];
    if tail > head {
        blocks.push(paragraph(format!("\u{2026} {} more", tail - head)));
        blocks.push(numbered(tail, steps.len()));
    }
    if steps.is_empty() { Vec::new() } else { blocks }
}

/// What happens at a step, without the place that Semgrep ends each message with.
pub(super) fn words(step: &FlowStep) -> String {
    let said = step.message.trim();
    let place = place(&step.evidence);
    let said = place.as_deref().and_then(|place| said.strip_suffix(&format!(" @ '{place}'"))).unwrap_or(said);
    safe::line(said)
}

fn step(step: &FlowStep, now: Option<&Stands>) -> Vec<Span> {
    let scanned = place(&step.evidence);
    let (shown, remark) = match now {
        None => (scanned.clone(), None),
        Some(Stands { state, place: Some(place) }) => {
            let remark = match state {
                State::Edited => Some("edited since the scan"),
                State::Uncertain => Some("best guess"),
                _ => None,
            };
            (Some(safe::line(place)), remark)
        }
        Some(Stands { state: State::Gone, .. }) => (scanned.clone(), Some("as scanned; gone from the code")),
        Some(_) => (scanned.clone(), Some("as scanned; not found here")),
    };
    let mut spans: Vec<Span> = shown.iter().map(|place| Span::name(place)).collect();
    let said = runs(&words(step));
    if !spans.is_empty() && !said.is_empty() {
        spans.push(Span::text(" "));
    }
    spans.extend(said);
    if spans.is_empty() {
        spans.push(Span::text("a step without a place"));
    } else if let Some(remark) = remark.filter(|_| shown.is_some()) {
        spans.push(Span::text(format!(" ({remark})")));
    }
    spans
}

fn place(evidence: &Evidence) -> Option<String> {
    let path = evidence.path.as_deref()?;
    Some(safe::line(&match evidence.region {
        Some(region) => format!("{path}:{}", region.line),
        None => path.to_owned(),
    }))
}
