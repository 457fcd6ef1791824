//! Where a new comment might stand, and in what form: proposals, each of which is checked before it is believed.

use std::ops::Range;

use super::{
    Suppressions, Tool, lines_of,
    markers::PRAGMA,
    ways::{Place, Way},
    wording::directive,
    write::{Candidate, Refused},
};
use crate::{Language, Parsed};

/// Lines that a string or a continued line is followed over.
const MOST_LINES: usize = 1_000;

/// One way of silencing one rule at one place of one text.
pub(super) struct Here<'h> {
    pub(super) text: &'h str,
    pub(super) parsed: &'h Parsed,
    pub(super) before: &'h Suppressions,
    pub(super) range: Range<usize>,
    pub(super) way: &'h Way,
    pub(super) rule: &'h str,
    pub(super) reason: &'h str,
}

pub(super) fn all(here: &Here<'_>) -> Result<Vec<Candidate>, Refused> {
    let at = here.range.start;
    match here.way.place {
        Place::Same | Place::SameOrEnd => here.same().ok_or(Refused::NoPlace),
        Place::Above => here.above(lines_of(here.text, at..at)),
        Place::AboveStatement => {
            let first = at..here.range.end.min(lines_of(here.text, at..at).end);
            let start = [here.range.clone(), first]
                .into_iter()
                .find_map(|range| here.parsed.statement_on_its_line(here.text, range))
                .ok_or(Refused::NoPlace)?;
            here.above(lines_of(here.text, start..start))
        }
        Place::Inside => here.inside().ok_or(Refused::NoPlace),
        Place::Around => Ok(vec![here.around()]),
    }
}

impl Here<'_> {
    fn words(&self) -> String {
        directive(self.way, self.rule, self.reason)
    }

    /// The comment in every form the language has.
    fn forms(&self) -> Vec<String> {
        let language = self.parsed.language();
        let words = self.words();
        if self.way.tool == Tool::Psalm {
            return vec![format!("/** {words} */")];
        }
        let line = language.line_comment().map(|sign| self.way.behind(sign, &words));
        let block = language.block_comment().filter(|(open, _)| !open.starts_with('='));
        let block = block.map(|(open, close)| format!("{open} {words} {close}"));
        let jsx = matches!(language, Language::JavaScript | Language::Tsx).then(|| format!("{{/* {words} */}}"));
        line.into_iter().chain(block).chain(jsx).collect()
    }

    /// Behind the code of the line.
    fn same(&self) -> Option<Vec<Candidate>> {
        let (text, parsed) = (self.text, self.parsed);
        // There a `#` behind an instruction is part of it.
        if parsed.language() == Language::Dockerfile {
            return None;
        }
        let mut line = lines_of(text, self.range.start..self.range.start);
        let content = |line: &Range<usize>| line.start + text[line.clone()].trim_end_matches(['\n', '\r']).len();
        let is_open = |line: &Range<usize>| {
            let end = content(line);
            text[line.start..end].ends_with('\\') || (end < text.len() && parsed.is_string_over(end))
        };
        for _ in 0..MOST_LINES {
            if !is_open(&line) {
                break;
            }
            if self.way.place != Place::SameOrEnd || line.end >= text.len() {
                return None;
            }
            line = lines_of(text, line.end..line.end);
        }
        let end = content(&line);
        let code_end = line.start + text[line.start..end].trim_end().len();
        if code_end == line.start {
            return None;
        }
        let python = parsed.language() == Language::Python;
        let is_commented = parsed.comment_at(code_end - 1).is_some_and(|comment| {
            // A block comment that is closed here is code's equal; one that is open is not to be written into.
            let sign = parsed.language().line_comment();
            comment.end > code_end || sign.is_some_and(|sign| text[comment.start..].starts_with(sign))
        });
        if is_commented && !self.way.joins {
            return None;
        }
        let gap = if python && !is_commented { "  " } else { " " };
        let looks_at = self.range.start..self.range.end.max(line.start + 1);
        let candidate = |form: String| Candidate {
            edits: vec![(code_end..end, format!("{gap}{form}"))],
            adds: 1,
            looks_at: looks_at.clone(),
        };
        Some(self.forms().into_iter().map(candidate).collect())
    }

    /// On a line of its own above `line`.
    fn above(&self, line: Range<usize>) -> Result<Vec<Candidate>, Refused> {
        let text = self.text;
        if self.is_needed_above(&line) {
            return Err(Refused::Taken);
        }
        let indent = indent(&text[line.clone()]);
        let end = line_end(&text[line.clone()]);
        let is_between_words = {
            // JSX joins lines of words with a blank, and an expression between them takes it away.
            let first = text[line.clone()].trim_start();
            !first.starts_with(['<', '{'])
        };
        let candidate = |form: String| Candidate {
            edits: vec![(line.start..line.start, format!("{indent}{form}{end}"))],
            adds: 1,
            looks_at: self.range.clone(),
        };
        let fits = |form: &String| !(form.starts_with('{') && is_between_words);
        Ok(self.forms().into_iter().filter(fits).map(candidate).collect())
    }

    /// The line above holds a comment that its tool reads on the very next line.
    fn is_needed_above(&self, line: &Range<usize>) -> bool {
        // These look past comments of their own.
        let stacks = |tool: Tool| tool == self.way.tool && matches!(tool, Tool::Biome | Tool::Cppcheck);
        self.before.all().iter().any(|one| {
            let own = lines_of(self.text, one.range.clone());
            own.end == line.start && one.covers.end > own.end && one.covers.start >= own.start && !stacks(one.tool)
        })
    }

    /// As the first line of the outermost block.
    fn inside(&self) -> Option<Vec<Candidate>> {
        let text = self.text;
        let block = self.parsed.outermost_block(self.range.clone())?;
        let opened = lines_of(text, block.start..block.start);
        if !text[block.start + 1..opened.end].trim().is_empty() {
            return None;
        }
        let outer = indent(&text[opened.clone()]);
        let next = &text[lines_of(text, opened.end..opened.end)];
        let is_usable = !next.trim().is_empty() && !next.trim_start().starts_with('}');
        let indent = if is_usable { indent(next).to_owned() } else { format!("{outer}  ") };
        let end = line_end(&text[opened.clone()]);
        let candidate = |form: String| Candidate {
            edits: vec![(opened.end..opened.end, format!("{indent}{form}{end}"))],
            adds: 1,
            looks_at: self.range.clone(),
        };
        Some(self.forms().into_iter().map(candidate).collect())
    }

    /// C#'s directives above and below.
    fn around(&self) -> Candidate {
        let text = self.text;
        let lines = lines_of(text, self.range.clone());
        let (indent, end) = (indent(&text[lines.clone()]), line_end(&text[lines.clone()]));
        let above = format!("{indent}{}{end}", self.words());
        let restore = format!("{}restore {}", PRAGMA.trim_end_matches("disable"), self.rule);
        let below = if text[..lines.end].ends_with('\n') {
            format!("{indent}{restore}{end}")
        } else {
            format!("{end}{indent}{restore}")
        };
        Candidate {
            edits: vec![(lines.start..lines.start, above), (lines.end..lines.end, below)],
            adds: 1,
            looks_at: self.range.clone(),
        }
    }
}

fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// How the line ends; one without an end gets the usual.
fn line_end(line: &str) -> &'static str {
    if line.ends_with("\r\n") { "\r\n" } else { "\n" }
}
