//! Settles the runs of a paragraph into the one form that is written and read back the same: bare addresses are links,
//! white space is single, and a run is only bold or slanted where the asterisks around it cannot be misread.

use super::document::{Mark, Part, Span};
use super::link;

/// Each step may give another one work (a dropped mark joins two texts to an address), so until nothing changes.
const ROUNDS: usize = 6;

/// The settled form of a paragraph's runs; empty when nothing is left to show.
pub(super) fn settle(mut spans: Vec<Span>) -> Vec<Span> {
    for _ in 0..ROUNDS {
        let before = spans.clone();
        spans = merge(single_spaces(split_marks(linkify(merge(spans)))));
        weigh_marks(&mut spans);
        if spans == before {
            break;
        }
    }
    spans
}

fn merge(spans: Vec<Span>) -> Vec<Span> {
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        if let Some(last) = merged.last_mut() {
            match (&mut last.part, &span.part) {
                (Part::Text(text), Part::Text(more)) if last.mark == span.mark => {
                    text.push_str(more);
                    continue;
                }
                // Two code runs side by side would read as one with back-ticks inside.
                (Part::Code(code) | Part::Name(code), Part::Code(more) | Part::Name(more)) => {
                    code.push_str(more);
                    continue;
                }
                _ => {}
            }
        }
        if span.part == Part::Break || !span.shown().is_empty() {
            merged.push(span);
        }
    }
    merged
}

fn linkify(spans: Vec<Span>) -> Vec<Span> {
    let mut out = Vec::with_capacity(spans.len());
    for span in spans {
        let Part::Text(text) = &span.part else {
            out.push(span);
            continue;
        };
        let mut rest = text.as_str();
        while let Some((range, url)) = link::find(rest) {
            out.push(Span { mark: span.mark, part: Part::Text(rest[..range.start].to_owned()) });
            out.push(Span { mark: span.mark, part: Part::Link { label: url.clone(), url } });
            rest = &rest[range.end..];
        }
        out.push(Span { mark: span.mark, part: Part::Text(rest.to_owned()) });
    }
    out
}

/// Moves white space at the ends of marked text out of the mark: asterisks do not work beside spaces.
fn split_marks(spans: Vec<Span>) -> Vec<Span> {
    let mut out = Vec::with_capacity(spans.len());
    for span in spans {
        match &span.part {
            Part::Text(text) if span.mark != Mark::Plain => {
                let core = text.trim();
                if text.starts_with(char::is_whitespace) {
                    out.push(Span::text(" "));
                }
                out.push(Span { mark: span.mark, part: Part::Text(core.to_owned()) });
                if !core.is_empty() && text.ends_with(char::is_whitespace) {
                    out.push(Span::text(" "));
                }
            }
            Part::Break => out.push(Span::line_break()),
            _ => out.push(span),
        }
    }
    out
}

fn single_spaces(spans: Vec<Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    // At the start, behind a break and behind a space, a space shows nothing.
    let mut behind_space = true;
    for mut span in spans {
        match &mut span.part {
            Part::Text(text) => {
                let mut single = String::with_capacity(text.len());
                for character in text.chars() {
                    if !character.is_whitespace() {
                        single.push(character);
                        behind_space = false;
                    } else if !behind_space {
                        single.push(' ');
                        behind_space = true;
                    }
                }
                if single.is_empty() {
                    continue;
                }
                *text = single;
            }
            Part::Code(code) | Part::Name(code) => {
                *code = code.trim().to_owned();
                if code.is_empty() {
                    continue;
                }
                behind_space = false;
            }
            Part::Link { .. } => behind_space = false,
            Part::Break => {
                trim_end(&mut out);
                if out.is_empty() || out.last().is_some_and(|last| last.part == Part::Break) {
                    continue;
                }
                behind_space = true;
            }
        }
        out.push(span);
    }
    trim_end(&mut out);
    while out.last().is_some_and(|last| last.part == Part::Break) {
        out.pop();
        trim_end(&mut out);
    }
    out
}

fn trim_end(spans: &mut Vec<Span>) {
    while let Some(Span { part: Part::Text(text), .. }) = spans.last_mut() {
        text.truncate(text.trim_end().len());
        if !text.is_empty() {
            break;
        }
        spans.pop();
    }
}

/// Takes the mark from every run whose asterisks would stand in doubt.
fn weigh_marks(spans: &mut [Span]) {
    let mut at = 0;
    while at < spans.len() {
        let mark = spans[at].mark;
        let len = spans[at..].iter().take_while(|span| span.mark == mark && span.part != Part::Break).count().max(1);
        if mark != Mark::Plain {
            let before = at.checked_sub(1).map(|before| &spans[before]);
            let opens = opens(before, &spans[at]);
            let closes = closes(&spans[at + len - 1], spans.get(at + len));
            if !(opens && closes) {
                spans[at..at + len].iter_mut().for_each(|span| span.mark = Mark::Plain);
            }
        }
        at += len;
    }
}

fn opens(before: Option<&Span>, first: &Span) -> bool {
    let Some(before) = before else { return true };
    if before.part == Part::Break {
        return true;
    }
    let Part::Text(text) = &before.part else { return false };
    let Some(last) = text.chars().next_back().filter(|_| before.mark == Mark::Plain) else { return false };
    last == ' ' || "([{'\",;:/\u{2014}\u{2013}".contains(last) || (last.is_alphanumeric() && starts_as_word(first))
}

fn closes(last: &Span, after: Option<&Span>) -> bool {
    let Some(after) = after else { return true };
    if after.part == Part::Break {
        return true;
    }
    let Part::Text(text) = &after.part else { return false };
    let Some(next) = text.chars().next().filter(|_| after.mark == Mark::Plain) else { return false };
    let ends_as_word =
        matches!(&last.part, Part::Text(text) if text.chars().next_back().is_some_and(char::is_alphanumeric));
    next == ' ' || ")]}'\",;:.!?/\u{2014}\u{2013}".contains(next) || (next.is_alphanumeric() && ends_as_word)
}

fn starts_as_word(span: &Span) -> bool {
    matches!(&span.part, Part::Text(text) if text.chars().next().is_some_and(char::is_alphanumeric))
}
