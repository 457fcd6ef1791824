//! The page of a finding, and its short form for a hover: what is wrong and how to fix it first, numbers last.

mod asked;
mod facts;
mod package;
mod place;
mod room;
mod steps;
mod title;
mod verdict;

use std::collections::HashSet;

use engine::{Judged, Packaged};
use finding::{Finding, FindingId, FlowStep, Kind, Placement, State};

pub use asked::Asked;
use room::{HOVER_LINES, Room};

use super::document::{Block, Document, Part, Span};
use super::link::{self, Promise};
use super::read::{self, LineEnds};
use super::{clean, plain, safe, spans, write};

/// A finding, where it stands now, and how fresh that is.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Where it is now.
    pub placement: &'a Placement,
    /// Line it was reported on, from 1.
    pub scanned_line: Option<u32>,
    /// Remark on how its path was mapped; plain text.
    pub path_note: Option<&'a str>,
    /// When its source was last read, RFC 3339.
    pub synced_at: Option<&'a str>,
    /// Commit that the scan is assumed to have seen, where it named none.
    pub assumed_commit: Option<&'a str>,
    /// For findings about packages: how the package comes into the project.
    pub package: Option<&'a Packaged>,
    /// Where its flow's steps are now, then its other places; `None`: nobody looked.
    pub steps: Option<&'a [Stands]>,
    /// What policy makes of it, once known.
    pub judged: Option<&'a Judged>,
    /// What its source said when the page was asked for; `None`: it was not asked.
    pub asked: Option<&'a Asked>,
    /// The present, for ages.
    pub now: jiff::Timestamp,
}

/// Where a step of a data flow is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stands {
    /// Relation to what was scanned.
    pub state: State,
    /// `path:line`; `None` for what is gone or has no place.
    pub place: Option<String>,
}

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// At most about 25 lines, to be read in passing.
    Hover,
    /// Everything.
    Page,
}

/// Bytes of one text in a page.
const LONGEST_TEXT: usize = safe::LONGEST_TEXT;
/// Digits of a finding's id that a person types.
const SHORT_ID: usize = 6;

/// `subjects` as Markdown: the first leads, the others are told as what other tools say of the same place. Empty for no
/// subjects.
#[must_use]
pub fn markdown(subjects: &[Subject<'_>], depth: Depth) -> String {
    fitting(subjects, depth, false, write::markdown)
}

/// The same words in the same order as [`markdown`], as plain text.
#[must_use]
pub fn plain(subjects: &[Subject<'_>], depth: Depth) -> String {
    fitting(subjects, depth, true, plain::text)
}

fn fitting(subjects: &[Subject<'_>], depth: Depth, is_plain: bool, write: fn(&Document) -> String) -> String {
    let told = |room| write(&document(subjects, Page::new(depth, is_plain, room)));
    if depth == Depth::Page {
        return told(Room::ALL);
    }
    let wide = told(Room::WIDE);
    let lines = wide.lines().filter(|line| !line.trim().is_empty()).count();
    if lines > HOVER_LINES { told(Room::TIGHT) } else { wide }
}

/// What a person types for a finding on the command line, e.g. `3f2a9c`.
#[must_use]
pub fn short_id(id: &FindingId) -> String {
    id.digest().chars().filter(char::is_ascii_alphanumeric).take(SHORT_ID).collect()
}

/// What happens at a step, in one line of plain text without the place; may be empty.
#[must_use]
pub fn step_words(step: &FlowStep) -> String {
    steps::words(step)
}

/// The name of the finding for people, in one line of plain text.
#[must_use]
pub fn title(finding: &Finding) -> String {
    title::of(finding)
}

fn document(subjects: &[Subject<'_>], mut page: Page) -> Document {
    let Some((leader, twins)) = subjects.split_first() else { return Document::default() };
    page.head(leader.finding);
    page.lines(asked::lines(subjects));
    page.lines(verdict::lines(leader, page.depth));
    page.lines(place::lines(leader, page.depth));
    page.texts(leader.finding, leader.placement.state, leader.package);
    page.facts(leader, twins);
    Document { blocks: settled(page.blocks) }
}

/// The blocks with every paragraph in its settled form: parts of ours and of strangers side by side must not make up
/// syntax together.
fn settled(blocks: Vec<Block>) -> Vec<Block> {
    let settle_one = |block| match block {
        Block::Paragraph(spans) => {
            let spans = spans::settle(spans);
            (!spans.is_empty()).then_some(Block::Paragraph(spans))
        }
        Block::List { start, items } => {
            let items: Vec<_> = items.into_iter().map(settled).filter(|item| !item.is_empty()).collect();
            (!items.is_empty()).then_some(Block::List { start, items })
        }
        Block::Quote(inner) => Some(Block::Quote(settled(inner))),
        other => Some(other),
    };
    blocks.into_iter().filter_map(settle_one).collect()
}

/// A page as it grows.
struct Page {
    depth: Depth,
    is_plain: bool,
    room: Room,
    blocks: Vec<Block>,
    /// Words of the paragraphs that were told: tools repeat their message in the explanation and in the help.
    told: HashSet<String>,
}

impl Page {
    fn new(depth: Depth, is_plain: bool, room: Room) -> Self {
        Self { depth, is_plain, room, blocks: Vec::new(), told: HashSet::new() }
    }

    fn is_hover(&self) -> bool {
        self.depth == Depth::Hover
    }

    fn head(&mut self, finding: &Finding) {
        let title = title::of(finding);
        let facts = title::facts(finding);
        self.told.insert(Block::Paragraph(vec![Span::text(&title)]).words());
        if self.is_hover() {
            let mut spans = vec![Span::strong(title), Span::text(" \u{b7} ")];
            spans.extend(facts);
            self.blocks.push(Block::Paragraph(spans));
        } else {
            self.blocks.push(Block::Heading(1, title));
            self.blocks.push(Block::Paragraph(facts));
        }
    }

    /// One paragraph of several lines.
    fn lines(&mut self, lines: Vec<Vec<Span>>) {
        let mut spans = Vec::new();
        for line in lines {
            if !spans.is_empty() {
                spans.push(Span::line_break());
            }
            spans.extend(line);
        }
        if !spans.is_empty() {
            self.blocks.push(Block::Paragraph(spans));
        }
    }

    /// What is wrong, why it matters, the code it was said of, how to fix it.
    fn texts(&mut self, finding: &Finding, state: State, package: Option<&Packaged>) {
        let message = self.news(&finding.message, LineEnds::Break);
        self.blocks.extend(shortened(message, self.room.message));
        let explanation = self.news(finding.rule.explanation.as_deref().unwrap_or(""), LineEnds::Space);
        let explanation = shortened(explanation, self.room.explanation);
        // In a hover it goes on from the message; on a page it has its own place.
        if self.is_hover() {
            self.blocks.extend(explanation);
        } else {
            self.section("Why it matters", explanation);
        }
        self.scanned_code(finding, state);
        let help = self.news(finding.rule.remediation.as_deref().unwrap_or(""), LineEnds::Space);
        let (help, references) = facts::split_references(help);
        let mut fix = facts::upgrade(finding);
        fix.extend(package.and_then(package::advice));
        fix.extend(shortened(help, self.room.fix));
        fix.extend(facts::offered(finding, self.room.offers));
        self.section("How to fix", fix);
        if !self.is_hover() {
            self.section("References", references);
        }
    }

    fn scanned_code(&mut self, finding: &Finding, state: State) {
        // On the page of a secret its text would be one more copy of it.
        let Some(snippet) = finding.evidence.snippet.as_deref().filter(|_| finding.kind != Kind::Secret) else {
            return;
        };
        // What is unchanged is on the screen, under the hover.
        let differs = !matches!(state, State::Exact | State::Moved);
        if self.room.code > 0 && (differs || !self.is_hover()) {
            let code = facts::code(snippet, finding.evidence.path.as_deref());
            self.section("Code as scanned", shortened(code.into_iter().collect(), self.room.code));
        }
    }

    fn facts(&mut self, leader: &Subject<'_>, twins: &[Subject<'_>]) {
        let finding = leader.finding;
        let is_exact = leader.placement.state == State::Exact;
        let is_told = leader.steps.is_some() || is_exact;
        let (flow, others) =
            leader.steps.map_or((&[][..], &[][..]), |steps| steps.split_at(finding.flow.len().min(steps.len())));
        let heading = if is_told { "Data flow" } else { "Data flow (lines as scanned)" };
        self.section(heading, steps::list(&finding.flow, flow, self.room.steps));
        if !self.is_hover() {
            let heading = if is_told { "Other places" } else { "Other places (lines as scanned)" };
            self.section(heading, steps::list(&finding.related, others, self.room.steps));
        }
        self.section("Also reported by", facts::twins(twins, self.room.twins));
        // A hover's title and fix have said it.
        let is_said = self.is_hover() && finding.kind == Kind::Dependency;
        if !is_said || finding.component.as_ref().is_some_and(|component| component.fixed.is_empty()) {
            self.section("Package", facts::component(finding));
        }
        if !self.is_hover() {
            self.section("Verdict", verdict::section(leader));
        }
        self.section("Status", facts::status(leader));
        if !self.is_hover() {
            self.section("Notes", facts::notes(leader, self.room.twins));
        }
        let mut last = facts::identifiers(finding, self.depth, self.room.identifiers);
        last.extend(Some(facts::earlier(finding)).filter(|line| !line.is_empty()));
        last.extend(facts::links(finding));
        let show = vec![Span::name(&format!("aspm-lsp show {}", short_id(&finding.id)))];
        if self.is_hover() && !self.is_plain {
            // Apart, for editors that hide a link's target still count it when they break lines.
            if !last.is_empty() {
                self.blocks.push(Block::Paragraph(last.join(&Span::text(" \u{b7} "))));
            }
            self.blocks.push(Block::Paragraph(show));
        } else {
            last.push(show);
            let items = last.into_iter().map(|line| vec![Block::Paragraph(line)]).collect();
            self.section("More", vec![Block::List { start: None, items }]);
        }
    }

    /// A titled part, if there is anything in it. In a hover its title runs into its first paragraph.
    fn section(&mut self, heading: &str, mut blocks: Vec<Block>) {
        if blocks.is_empty() {
            return;
        }
        if !self.is_hover() || self.is_plain {
            self.blocks.push(Block::Heading(2, heading.to_owned()));
        } else if let Some(Block::Paragraph(spans)) = blocks.first_mut() {
            spans.splice(0..0, [Span::strong(format!("{heading}:")), Span::text(" ")]);
        } else {
            self.blocks.push(Block::Paragraph(vec![Span::strong(heading)]));
        }
        self.blocks.extend(blocks);
    }

    /// The blocks of an untrusted text that say what was not said yet.
    fn news(&mut self, text: &str, line_ends: LineEnds) -> Vec<Block> {
        let document = read::document(text, LONGEST_TEXT, line_ends);
        let is_new = |block: &Block| {
            let words = block.words();
            words.is_empty() || self.told.insert(words)
        };
        document.blocks.into_iter().filter(is_new).collect()
    }
}

fn shortened(blocks: Vec<Block>, lines: usize) -> Vec<Block> {
    Document { blocks }.shorten(lines).blocks
}

/// An untrusted text in one line; addresses in it become links when the page is settled.
fn runs(untrusted: &str) -> Vec<Span> {
    let line = safe::line(untrusted);
    if line.is_empty() { Vec::new() } else { vec![Span::text(line)] }
}

/// One of our own sentences, which may quote code in back-ticks: the quotes become code, all else is plain text.
fn sentence(words: &str) -> Vec<Span> {
    let words = clean::one_line(words);
    let pieces: Vec<&str> = words.split('`').collect();
    // An odd back-tick quotes nothing.
    if pieces.len().is_multiple_of(2) {
        return vec![Span::text(words)];
    }
    let spans = pieces.iter().enumerate().map(|(index, piece)| {
        if index % 2 == 0 {
            Span::text(*piece)
        } else {
            Span { part: Part::Code((*piece).to_owned()), ..Span::text("") }
        }
    });
    spans.filter(|span| !span.shown().is_empty()).collect()
}

/// A link, if the address may be one. A label that names another place gives way to the address.
fn titled_link(label: &str, address: &str) -> Option<Span> {
    let url = link::safe(address)?;
    match link::promise(label, &url) {
        Promise::Words => Some(Span::link(label, url)),
        Promise::Same | Promise::Another => Some(Span::link(url.clone(), url)),
    }
}

#[cfg(test)]
mod tests;
