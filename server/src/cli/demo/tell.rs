//! The example, told: a few findings in full, the others in a line each, and what it would be without placement.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use engine::Root;
use finding::{Finding, State};

use super::history::History;
use super::tally::Tally;
use crate::cli::entries::{self, Entry, Positions as _, Texts};
use crate::cli::list::paint_severity;
use crate::cli::render::{Picture, picture};
use crate::cli::scanned;
use crate::cli::session::Session;
use crate::cli::terminal::{Terminal, count, cut, wrap};
use crate::present::{age::age, page, safe};

/// Findings that show most of what can happen to code: by rule, path and line of the scan.
const TELLING: [(&str, &str, u32); 6] = [
    ("B506", "api/carriers.py", 14),
    ("B608", "api/orders.py", 22),
    ("security/detect-child-process", "web/server.js", 33),
    ("B602", "api/labels.py", 39),
    ("go-tls-not-verified", "worker/deliver.go", 22),
    ("B608", "api/orders.py", 14),
];

/// The example, placed.
pub(super) struct Story<'s> {
    session: &'s Session,
    root: &'s Root,
    /// With the whole finding of each.
    entries: Vec<(Entry<'s>, Finding)>,
}

/// What is shown as one: a finding and what other tools say of the same code.
struct Shown<'a> {
    leader: &'a (Entry<'a>, Finding),
    twins: Vec<&'a (Entry<'a>, Finding)>,
}

impl<'s> Story<'s> {
    pub(super) fn of(session: &'s Session) -> anyhow::Result<Self> {
        let root = session.root()?;
        let mut whole = Vec::new();
        for entry in entries::all(&session.snapshot, root) {
            let finding = session.finding(&entry.row.id)?;
            let finding = finding.ok_or_else(|| anyhow::anyhow!("{} is not in the cache any more", entry.row.id))?;
            whole.push((entry, finding));
        }
        Ok(Self { session, root, entries: whole })
    }

    pub(super) fn tell(
        &self,
        history: &History,
        all: bool,
        terminal: &Terminal,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let mut texts = Texts::new(&self.session.driver, &self.session.snapshot, self.root);
        writeln!(out, "{}", self.introduction(history))?;
        let shown = self.shown();
        let sections = [
            (State::Exact, "Still where it was"),
            (State::Moved, "Moved"),
            (State::Edited, "Edited since the scan: verify"),
            (State::Uncertain, "A best guess"),
            (State::Gone, "Gone: fixed here, pending scan"),
            (State::Unplaced, "Not on a line"),
        ];
        for (state, heading) in sections {
            let of_state: Vec<&Shown<'_>> =
                shown.iter().filter(|shown| shown.leader.0.placement.state == state).collect();
            if of_state.is_empty() {
                continue;
            }
            let findings: usize = of_state.iter().map(|shown| 1 + shown.twins.len()).sum();
            writeln!(out, "\n{}", terminal.paint.bold(&format!("{heading} ({findings})")))?;
            section(&self.root.path, &of_state, all, &mut texts, terminal, out)?;
        }
        let tally = Tally::of(
            self.entries.iter().map(|(entry, _)| (entry, texts.range(&entry.placement).map(|range| range.start.line))),
        );
        writeln!(out)?;
        for line in wrap(&tally.words(), terminal.width.min(80)) {
            writeln!(out, "{}", terminal.paint.bold(&line))?;
        }
        Ok(writeln!(out)?)
    }

    fn introduction(&self, history: &History) -> String {
        let mut tools: Vec<&str> = self.entries.iter().map(|(_, finding)| finding.tool.name.as_str()).collect();
        tools.sort_unstable();
        tools.dedup();
        let scanned = self.entries.iter().find_map(|(_, finding)| finding.last_seen.as_deref());
        let when = scanned.and_then(|when| age(crate::clock::now(), when)).unwrap_or_default();
        let since = history.commits.iter().skip_while(|commit| !commit.scanned).skip(1).count();
        format!(
            "{} is a small web shop.\n\
             {} reported {} in it {when}.\n\
             Since then came {} and a change that is not committed yet.\n\
             This is where each finding is now:",
            history.name,
            and(&tools),
            count(self.entries.len(), "finding"),
            count(since, "commit"),
        )
    }

    /// Twins together, in order of path and place.
    fn shown(&self) -> Vec<Shown<'_>> {
        let mut shown: Vec<Shown<'_>> = Vec::new();
        let key = |one: &(Entry<'_>, Finding)| -> (Arc<str>, u32) { one.0.leader.clone() };
        for one in &self.entries {
            match shown.iter_mut().find(|shown| key(shown.leader) == key(one)) {
                Some(shown) => shown.twins.push(one),
                None => shown.push(Shown { leader: one, twins: Vec::new() }),
            }
        }
        shown
    }
}

fn section(
    root: &Path,
    shown: &[&Shown<'_>],
    all: bool,
    texts: &mut Texts<'_>,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let (telling, rest): (Vec<&&Shown<'_>>, Vec<_>) = shown.iter().partition(|shown| all || is_telling(shown));
    let places: Vec<String> = rest.iter().map(|shown| place(shown, texts)).collect();
    let column = places.iter().map(|place| place.chars().count()).max().unwrap_or(0).min(36);
    for (shown, place) in rest.iter().zip(&places) {
        let (entry, finding) = shown.leader;
        let severity = entry.row.severity;
        let gap = " ".repeat(column.saturating_sub(place.chars().count()));
        let pad = " ".repeat(8_usize.saturating_sub(severity.label().len()));
        let lead = 2 + 8 + 1 + column.max(place.chars().count()) + 2;
        let mut words = in_words(entry, finding);
        if !shown.twins.is_empty() {
            words = format!("{} tools: {words}", shown.twins.len() + 1);
        }
        let words = cut(&words, terminal.width.saturating_sub(lead).max(20));
        writeln!(out, "  {}{pad} {place}{gap}  {words}", paint_severity(terminal.paint, severity))?;
    }
    for shown in telling {
        let (entry, finding) = shown.leader;
        let text = entry.placement.path.as_ref().and_then(|path| texts.of(path));
        let text = text.map(|now| (&*now.text, &*now.lines));
        let twins = shown.twins.iter().map(|(_, finding)| finding).collect();
        let scanned = if entry.placement.range.is_none() { scanned::of(root, finding) } else { None };
        let scanned = scanned.as_ref();
        writeln!(out)?;
        writeln!(
            out,
            "{}",
            picture(&Picture { finding, placement: &entry.placement, text, scanned, twins }, terminal)
        )?;
    }
    Ok(())
}

fn is_telling(shown: &Shown<'_>) -> bool {
    std::iter::once(&shown.leader).chain(&shown.twins).any(|(entry, _)| {
        let key = (entry.index.rule(entry.row), entry.scanned_path().unwrap_or(""), entry.row.line);
        TELLING.contains(&key)
    })
}

fn place(shown: &Shown<'_>, texts: &mut Texts<'_>) -> String {
    let entry = &shown.leader.0;
    let path = entry.placement.path.as_deref().filter(|_| entry.placement.state.is_on_code());
    let line = texts.range(&entry.placement).map(|range| range.start.line);
    safe::line(&match (path, line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (Some(path), None) => path.to_owned(),
        (None, _) => entry.scanned_at(),
    })
}

/// What it is called, and what happened to it.
fn in_words(entry: &Entry<'_>, finding: &Finding) -> String {
    let placement = &entry.placement;
    let title = page::title(finding);
    let mut words = match placement.state {
        State::Moved if placement.path.as_deref() == entry.scanned_path() => {
            format!("was line {}  {title}", entry.row.line)
        }
        State::Moved => format!("was {}  {title}", safe::line(&entry.scanned_at())),
        State::Gone | State::Uncertain | State::Unplaced => {
            format!("{}  {title}", safe::line(&placement.reason.to_string()))
        }
        State::Exact | State::Edited => title,
    };
    if let Some(comment) = &placement.suppressed_by {
        words = format!("suppressed by `{}`  {words}", safe::line(comment));
    }
    words
}

/// `a, b and c`.
fn and(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
