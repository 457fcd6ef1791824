//! Worked cases of placement, one `##` section each in `cases/*.md`. Flagged spans stand between `«` and `»` in the
//! scanned text, expected ones (in any order) in the current text.
//!
//! Keys: `path`; `now` (the file's path now; `deleted` for none); `state` (one a span, separated by commas); `reason`
//! (a part of the first reason); `rule`, `tool`; `suppressed` (a part of the comment); `keeps` (what the evidence keeps:
//! `content`, the default, `assumed`, `snippet`, `words`, `line`, `hash`, `file`); `snippet` (what the tool sent instead);
//! `ends` (`crlf`: the current text's line ends).
//! Texts follow `--- scanned`, `--- current` and `--- elsewhere PATH`; and `--- version PATH` for what was committed in
//! between, oldest first: then history is followed to the last of them, and from there to the current text.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use aspm_anchor::{Basis, Item, Scan, Source, Target, Version, carry, follow, place};
use finding::{Columns, Evidence, Placement, Region};

struct Case {
    title: String,
    keys: HashMap<String, String>,
    texts: Vec<(String, String)>,
}

fn cases(markdown: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in markdown.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            cases.push(Case { title: title.to_owned(), keys: HashMap::new(), texts: Vec::new() });
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        if let Some(name) = line.strip_prefix("--- ") {
            case.texts.push((name.to_owned(), String::new()));
        } else if let Some((_, text)) = case.texts.last_mut() {
            text.push_str(line);
            text.push('\n');
        } else if let Some((key, value)) = line.split_once(": ") {
            case.keys.insert(key.to_owned(), value.to_owned());
        }
    }
    // The empty line before the next case's title is no part of a text.
    for (_, text) in cases.iter_mut().filter_map(|case| case.texts.last_mut()) {
        if text.ends_with("\n\n") || text == "\n" {
            text.pop();
        }
    }
    cases
}

/// The text without its marks, and what they enclosed.
fn unmarked(marked: &str) -> (String, Vec<Range<usize>>) {
    let (mut text, mut spans, mut open) = (String::new(), Vec::new(), 0);
    for character in marked.chars() {
        match character {
            '«' => open = text.len(),
            '»' => spans.push(open..text.len()),
            other => text.push(other),
        }
    }
    (text, spans)
}

fn region_of(text: &str, span: &Range<usize>) -> Region {
    let at = |offset: usize| {
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (u32::try_from(line).expect("small"), u32::try_from(column).expect("small"))
    };
    let ((line, column), (end_line, end_column)) = (at(span.start), at(span.end));
    Region { line, column: Some(column), end_line, end_column: Some(end_column), columns: Columns::Characters }
}

impl Case {
    fn key(&self, key: &str) -> Option<&str> {
        self.keys.get(key).map(String::as_str)
    }

    fn text(&self, name: &str) -> &str {
        self.texts.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text)
    }

    fn evidence(&self, text: &str, span: &Range<usize>, path: &str) -> Evidence {
        let mut region = region_of(text, span);
        let mut evidence = Evidence { path: Some(path.to_owned()), ..Evidence::default() };
        match self.key("keeps").unwrap_or("content") {
            "words" => evidence.snippet = Some(text[span.clone()].to_owned()),
            "snippet" => {
                let lines: Vec<&str> = text.lines().collect();
                let (first, last) = (region.line as usize - 1, region.end_line as usize - 1);
                evidence.snippet = Some(lines[first..=last].join("\n").trim().to_owned());
                let from = first.saturating_sub(2);
                let context = lines[from..(last + 3).min(lines.len())].join("\n");
                evidence.context = Some((u32::try_from(from + 1).expect("small"), context));
            }
            "line" => region = Region::line(region.line),
            "hash" => {
                let hash = self.key("hash").expect("a hash").to_owned();
                evidence.fingerprints = vec![("primaryLocationLineHash".to_owned(), hash)];
            }
            "file" => return evidence,
            _ => {}
        }
        evidence.region = Some(region);
        if let Some(snippet) = self.key("snippet") {
            evidence.snippet = Some(snippet.to_owned());
        }
        evidence
    }

    fn check(&self) -> Result<(), String> {
        let never = || false;
        let path = self.key("path").unwrap_or("a.py");
        let (scanned, flagged) = unmarked(self.text("scanned"));
        let (mut current, mut expected) = unmarked(self.text("current"));
        if self.key("ends") == Some("crlf") {
            for span in &mut expected {
                let before = |offset: usize| current[..offset].matches('\n').count();
                *span = span.start + before(span.start)..span.end + before(span.end);
            }
            current = current.replace('\n', "\r\n");
        }
        let basis = match self.key("keeps").unwrap_or("content") {
            "content" => Basis::Commit("1a2b3c4d5e6f".to_owned()),
            "assumed" => Basis::Assumed("1a2b3c4d5e6f".to_owned()),
            _ => Basis::Nothing("the scan names no commit".to_owned()),
        };
        let content = Arc::new(Source::new(path, scanned.as_str().into()));
        let source = (!matches!(basis, Basis::Nothing(_))).then(|| content.clone());
        let scans = [Scan { path: path.into(), basis, source }];
        let evidence: Vec<Evidence> = if self.key("keeps") == Some("file") {
            vec![self.evidence(&scanned, &(0..0), path)]
        } else {
            flagged.iter().map(|span| self.evidence(&scanned, span, path)).collect()
        };
        let (tool, rule) = (self.key("tool").unwrap_or("Bandit"), self.key("rule").unwrap_or("B303"));
        let items: Vec<Item<'_>> = evidence.iter().map(|evidence| Item { evidence, tool, rule, scan: 0 }).collect();

        let now = self.key("now").unwrap_or(path);
        let home = (now != "deleted").then(|| Source::new(now, current.as_str().into()));
        let home = home.as_ref().map(|source| Target { path: now.into(), source, before: None });
        let mut others = Vec::new();
        let mut wanted: Vec<(String, Range<usize>)> = expected.into_iter().map(|span| (now.to_owned(), span)).collect();
        for (name, text) in &self.texts {
            if let Some(other) = name.strip_prefix("elsewhere ") {
                let (text, marks) = unmarked(text);
                wanted.extend(marks.into_iter().map(|span| (other.to_owned(), span)));
                others.push((other, Source::new(other, text.as_str().into())));
            }
        }
        let others: Vec<Target<'_>> =
            others.iter().map(|(path, source)| Target { path: (*path).into(), source, before: None }).collect();
        let versions: Vec<Version> = self
            .texts
            .iter()
            .filter_map(|(name, text)| {
                let path = name.strip_prefix("version ")?;
                Some(Version { path: path.into(), source: Arc::new(Source::new(path, text.as_str().into())) })
            })
            .collect();
        let placed = match versions.last() {
            Some(committed) => {
                let carried = carry(&items, &scans[0], &versions, &[], &never);
                let carried: Vec<Option<Placement>> = carried.into_iter().map(Some).collect();
                follow(&items, (committed, &carried), &scans, home.as_ref(), &others, &never)
            }
            None => place(&items, &scans, home.as_ref(), &others, &never),
        };

        let got: Vec<&str> = placed.iter().map(|placement| placement.state.label()).collect();
        let states: Vec<&str> = self.key("state").ok_or("no state")?.split(", ").collect();
        let told: Vec<String> = placed.iter().map(|placement| placement.reason.to_string()).collect();
        if got != states {
            return Err(format!("states {got:?}, expected {states:?}; {told:?}; {placed:?}"));
        }
        let mut ranges: Vec<(String, Range<usize>)> = placed
            .iter()
            .filter_map(|placement| Some((placement.path.as_deref()?.to_owned(), placement.range.clone()?)))
            .collect();
        let by_place =
            |a: &(String, Range<usize>), b: &(String, Range<usize>)| (a.1.start, &a.0).cmp(&(b.1.start, &b.0));
        ranges.sort_by(by_place);
        wanted.sort_by(by_place);
        if ranges != wanted {
            return Err(format!("ranges {ranges:?}, expected {wanted:?}; {told:?}"));
        }
        let reason = self.key("reason").unwrap_or_default();
        if !told[0].contains(reason) {
            return Err(format!("reason {:?} lacks {reason:?}", told[0]));
        }
        let suppressed = placed[0].suppressed_by.as_deref();
        match self.key("suppressed") {
            None if suppressed.is_some() => Err(format!("suppressed by {suppressed:?}")),
            Some(part) if !suppressed.is_some_and(|text| text.contains(part)) => {
                Err(format!("suppressed by {suppressed:?}, expected {part:?}"))
            }
            _ => Ok(()),
        }
    }
}

fn check_file(name: &str, at_least: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    let cases = cases(&std::fs::read_to_string(path).expect("the case file"));
    assert!(cases.len() >= at_least, "{name} has {} cases", cases.len());
    let failed: Vec<String> = cases
        .iter()
        .filter_map(|case| case.check().err().map(|why| format!("{name}: {}\n    {why}", case.title)))
        .collect();
    assert!(failed.is_empty(), "{} of {} failed:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

#[test]
fn python_cases_hold() {
    check_file("python.md", 25);
}

#[test]
fn javascript_and_typescript_cases_hold() {
    check_file("javascript.md", 10);
}

#[test]
fn stand_in_cases_hold() {
    check_file("stand_ins.md", 12);
}

#[test]
fn java_and_go_cases_hold() {
    check_file("java_go.md", 8);
}

#[test]
fn evidence_only_cases_hold() {
    check_file("evidence.md", 12);
}

#[test]
fn plain_text_and_data_file_cases_hold() {
    check_file("plain.md", 4);
}

#[test]
fn history_cases_hold() {
    check_file("history.md", 8);
}

#[test]
fn large_and_strange_edits_hold() {
    check_file("edits.md", 8);
}
