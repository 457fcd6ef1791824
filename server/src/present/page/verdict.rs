//! What policy says, why, and what the risk was made of.

use finding::{Exception, Factor, State, Verdict};

use super::{Depth, Subject, runs, titled_link};
use crate::present::document::{Block, Span};
use crate::present::{safe, verdict};

/// Factors told in a hover.
const MOST_FACTORS: usize = 6;

/// The first lines of a hover: verdict, risk and the deciding clause; then what the risk was made of.
pub(super) fn lines(subject: &Subject<'_>, depth: Depth) -> Vec<Vec<Span>> {
    // What is gone is not to be dealt with any more.
    let Some(judged) = subject.judged.filter(|_| subject.placement.state != State::Gone) else { return Vec::new() };
    let (mut lines, state) = (Vec::new(), subject.placement.state);
    if let Some(said) = judged.verdict.as_deref() {
        let mut first =
            vec![Span::strong(verdict::word(said.action, state)), Span::text(format!(" \u{b7} risk {}", said.risk))];
        if let Some(due) = said.due.as_deref().map(safe::line).filter(|due| !due.is_empty()) {
            first.push(Span::text(format!(" \u{b7} due {due}")));
        }
        if let Some(why) = verdict::why(said) {
            first.push(Span::text(" \u{b7} "));
            first.extend(runs(&why));
        }
        if verdict::is_unsure(said.action, state) {
            first.push(Span::text(format!("; {}", verdict::UNSURE)));
        }
        lines.push(first);
        if depth == Depth::Hover {
            lines.extend(factors_in_line(said));
        }
    }
    lines.extend(judged.exception.as_deref().map(exception));
    if let Some(pending) = judged.pending.as_deref() {
        lines.push(vec![Span::strong("Pending"), Span::text(": "), Span::text(safe::line(pending))]);
    }
    if let Some(owner) = judged.application.as_deref().and_then(|application| application.owner.as_deref()) {
        let mut line = vec![Span::text("Owner: ")];
        line.extend(runs(owner));
        lines.push(line);
    }
    lines
}

/// "Why: severity high +40, exposure internet +15".
fn factors_in_line(said: &Verdict) -> Option<Vec<Span>> {
    // What adds nothing is told on the page.
    let weighing: Vec<&Factor> = said.factors.iter().filter(|factor| factor.weight != 0.0).collect();
    let told: Vec<String> =
        weighing.iter().take(MOST_FACTORS).map(|factor| safe::line(&factor_words(factor))).collect();
    if told.is_empty() {
        return None;
    }
    let more = weighing.len().saturating_sub(MOST_FACTORS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(vec![Span::text(format!("Risk of {}{more}", told.join(", ")))])
}

fn factor_words(factor: &Factor) -> String {
    format!("{} {} ({})", factor.name, factor.value, points(factor.weight))
}

fn points(weight: f64) -> String {
    let rounded = (weight * 10.0).round() / 10.0;
    if rounded < 0.0 { format!("\u{2212}{}", -rounded) } else { format!("+{rounded}") }
}

/// On a page: every clause and every factor.
pub(super) fn section(subject: &Subject<'_>) -> Vec<Block> {
    // What is gone is not to be dealt with any more.
    let Some(judged) = subject.judged.filter(|_| subject.placement.state != State::Gone) else { return Vec::new() };
    let Some(said) = judged.verdict.as_deref() else { return Vec::new() };
    let item = |spans: Vec<Span>| vec![Block::Paragraph(spans)];
    let mut items: Vec<Vec<Block>> =
        vec![item(vec![Span::text(format!("This finding was {}.", verdict::change(judged.change)))])];
    items.extend(said.reasons.iter().map(|clause| {
        let mut spans = vec![Span::name(&safe::line(&clause.clause)), Span::text(": ")];
        spans.extend(runs(&clause.message));
        if let Some(link) = clause.url.as_deref().and_then(|url| titled_link("more", url)) {
            spans.extend([Span::text(" ("), link, Span::text(")")]);
        }
        item(spans)
    }));
    items.extend(said.factors.iter().map(|factor| {
        item(vec![
            Span::strong(points(factor.weight)),
            Span::text(format!(" {}: {}", safe::line(&factor.name), safe::line(&factor.value))),
        ])
    }));
    vec![Block::List { start: None, items }]
}

fn exception(exception: &Exception) -> Vec<Span> {
    let mut words = format!("Exception: {}", verdict::exception(exception));
    if let Some(until) = exception.expires.as_deref() {
        words.push_str(", until ");
        words.push_str(&safe::line(until));
    }
    let mut spans = vec![Span::text(words)];
    if let Some(reason) = exception.reason.as_deref().map(runs).filter(|reason| !reason.is_empty()) {
        spans.push(Span::text(": "));
        spans.extend(reason);
    }
    spans
}
