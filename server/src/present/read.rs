//! Reads a stranger's Markdown into a document: what has no safe form (HTML, images, foreign links) becomes its text.

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::clean;
use super::document::{Block, Document, Mark, Part, Span};
use super::html;
use super::link::{self, Promise};
use super::spans::settle;

/// What a line end inside a paragraph means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// A space, as Markdown has it.
    Space,
    /// The end of a line: most messages are plain text.
    Break,
}

/// Lists and quotes nest this deep; deeper ones are laid flat.
const DEEPEST: usize = 6;
/// Bytes that a document shows and links to, in all: references repeat addresses and percent signs triple them.
const BUDGET: usize = 96 * 1024;

/// Reads at most `limit` bytes of `text`.
pub(super) fn document(text: &str, limit: usize, line_ends: LineEnds) -> Document {
    let text = clean::visible(&clean::cut(text, limit));
    let mut reader = Reader::new(line_ends);
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        if reader.budget == 0 {
            break;
        }
        reader.event(event);
    }
    reader.finish()
}

enum Container {
    Blocks(Vec<Block>),
    Quote(Vec<Block>),
    List { start: Option<u64>, items: Vec<Vec<Block>> },
    Item(Vec<Block>),
}

struct Reader {
    line_ends: LineEnds,
    /// From the outside in; the first is the document.
    open: Vec<Container>,
    /// Containers that are open beyond [`DEEPEST`].
    flat: usize,
    spans: Vec<Span>,
    /// Open marks, outermost first.
    marks: Vec<Mark>,
    code: Option<(String, String)>,
    html: Option<String>,
    link: Option<(Option<String>, String)>,
    images: Vec<String>,
    table: Option<Vec<Vec<Span>>>,
    budget: usize,
}

impl Reader {
    fn new(line_ends: LineEnds) -> Self {
        Self {
            line_ends,
            open: vec![Container::Blocks(Vec::new())],
            flat: 0,
            spans: Vec::new(),
            marks: Vec::new(),
            code: None,
            html: None,
            link: None,
            images: Vec::new(),
            table: None,
            budget: BUDGET,
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(code) => {
                let code = clean::one_line(&code);
                if self.link.is_some() || !self.images.is_empty() {
                    self.text(&code);
                } else {
                    self.push(Part::Code(code));
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => match &mut self.html {
                Some(block) => block.push_str(&html),
                None => match html::inline(&html) {
                    html::Inline::Nothing => {}
                    html::Inline::LineBreak => self.line_break(),
                    html::Inline::Text(text) => self.text(text),
                },
            },
            Event::SoftBreak if self.line_ends == LineEnds::Space => self.text(" "),
            Event::SoftBreak | Event::HardBreak => self.line_break(),
            Event::Rule => self.flush(),
            // Extensions that are not switched on.
            Event::FootnoteReference(_) | Event::TaskListMarker(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Emphasis => self.marks.push(Mark::Emphasis),
            Tag::Strong => self.marks.push(Mark::Strong),
            Tag::Link { link_type, dest_url, .. } => {
                let url = (link_type != LinkType::Email).then(|| link::safe(&dest_url)).flatten();
                self.link = Some((url, String::new()));
            }
            Tag::Image { .. } => self.images.push(String::new()),
            Tag::Heading { .. } => {
                self.flush();
                self.marks.push(Mark::Strong);
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                self.code = Some((language(&kind), String::new()));
            }
            Tag::HtmlBlock => {
                self.flush();
                self.html = Some(String::new());
            }
            Tag::BlockQuote(_) => self.enter(Container::Quote(Vec::new())),
            // A client counts on from the first number; nine digits are the most that a number may have.
            Tag::List(start) => {
                let start = start.map(|first| if first > 9_999 { 1 } else { first });
                self.enter(Container::List { start, items: Vec::new() });
            }
            Tag::Item => self.enter(Container::Item(Vec::new())),
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Vec::new());
                self.enter(Container::List { start: None, items: Vec::new() });
            }
            Tag::TableHead | Tag::TableRow => self.table = Some(Vec::new()),
            _ => self.flush(),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong => drop(self.marks.pop()),
            TagEnd::Link => self.end_link(),
            TagEnd::Image => {
                let alt = self.images.pop().unwrap_or_default();
                let alt = if alt.trim().is_empty() { "image" } else { alt.trim() };
                self.text(&format!("[{alt}]"));
            }
            TagEnd::Heading(_) => {
                let mut spans = std::mem::take(&mut self.spans);
                for span in &mut spans {
                    span.mark = Mark::Strong;
                    if span.part == Part::Break {
                        *span = Span::text(" ");
                    }
                }
                self.spans = spans;
                self.marks.pop();
                self.flush();
            }
            TagEnd::CodeBlock => {
                if let Some((language, text)) = self.code.take() {
                    let text = clean::visible(&text).trim_matches('\n').to_owned();
                    if !text.trim().is_empty() {
                        self.block(Block::Code { language, text });
                    }
                }
            }
            TagEnd::HtmlBlock => {
                for (index, line) in html::text(&self.html.take().unwrap_or_default()).lines().enumerate() {
                    if index > 0 {
                        self.line_break();
                    }
                    self.text(line);
                }
                self.flush();
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => self.leave(),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.spans);
                self.table.get_or_insert_default().push(cell);
            }
            TagEnd::TableHead | TagEnd::TableRow => self.end_row(tag == TagEnd::TableHead),
            TagEnd::Table => {
                self.table = None;
                self.leave();
            }
            _ => self.flush(),
        }
    }

    fn end_link(&mut self) {
        let Some((url, label)) = self.link.take() else { return };
        let Some(url) = url else { return self.text(&label) };
        let label = clean::one_line(&label);
        match link::promise(&label, &url) {
            Promise::Words => self.push(Part::Link { label, url }),
            Promise::Same => self.push(Part::Link { label: url.clone(), url }),
            // Only what is really behind the link, and what was said of it as plain text unless that is an address.
            Promise::Another if label.contains("://") => self.push(Part::Link { label: url.clone(), url }),
            Promise::Another => {
                self.text(&format!("{label} ("));
                self.push(Part::Link { label: url.clone(), url });
                self.text(")");
            }
        }
    }

    /// A row of a table: an item with its cells side by side.
    fn end_row(&mut self, head: bool) {
        let mut row = Vec::new();
        for cell in self.table.take().unwrap_or_default() {
            let mut cell = settle(cell);
            if head {
                for span in &mut cell {
                    span.mark = Mark::Strong;
                }
            }
            if !row.is_empty() && !cell.is_empty() {
                row.push(Span::text(" \u{b7} "));
            }
            row.extend(cell);
        }
        self.enter(Container::Item(Vec::new()));
        self.spans = row;
        self.leave();
    }

    fn text(&mut self, text: &str) {
        if let Some((_, code)) = &mut self.code {
            code.push_str(text);
            return;
        }
        // An entity can stand for any character.
        let text = clean::visible(text).replace('\n', " ");
        if let Some(alt) = self.images.last_mut() {
            alt.push_str(&text);
        } else if let Some((_, label)) = &mut self.link {
            label.push_str(&text);
        } else {
            self.push(Part::Text(text));
        }
    }

    fn line_break(&mut self) {
        if self.link.is_some() || !self.images.is_empty() || self.table.is_some() {
            self.text(" ");
        } else {
            self.push(Part::Break);
        }
    }

    fn push(&mut self, part: Part) {
        let span = Span { mark: self.marks.first().copied().unwrap_or(Mark::Plain), part };
        let size = span.shown().len() + if let Part::Link { url, .. } = &span.part { url.len() } else { 1 };
        if size > self.budget {
            self.budget = 0;
            self.spans.push(Span::text(" \u{2026}"));
            return;
        }
        self.budget -= size;
        self.spans.push(span);
    }

    /// Ends the paragraph that is being read, if one is.
    fn flush(&mut self) {
        let spans = settle(std::mem::take(&mut self.spans));
        if !spans.is_empty() {
            self.block(Block::Paragraph(spans));
        }
    }

    fn enter(&mut self, container: Container) {
        self.flush();
        // An item always belongs to the list around it: the two go flat together.
        let is_item = matches!(container, Container::Item(_));
        if self.flat > 0 || (self.open.len() > 2 * DEEPEST && !is_item) {
            self.flat += 1;
        } else {
            self.open.push(container);
        }
    }

    fn leave(&mut self) {
        self.flush();
        if self.flat > 0 {
            self.flat -= 1;
            return;
        }
        if self.open.len() < 2 {
            return;
        }
        match self.open.pop() {
            Some(Container::Quote(blocks)) if !blocks.is_empty() => self.block(Block::Quote(blocks)),
            Some(Container::List { start, items }) if !items.is_empty() => self.block(Block::List { start, items }),
            Some(Container::Item(blocks)) if !blocks.is_empty() => {
                if let Some(Container::List { items, .. }) = self.open.last_mut() {
                    items.push(blocks);
                }
            }
            _ => {}
        }
    }

    fn block(&mut self, block: Block) {
        let blocks = match self.open.last_mut() {
            Some(Container::Blocks(blocks) | Container::Quote(blocks) | Container::Item(blocks)) => blocks,
            Some(Container::List { items, .. }) => {
                items.push(vec![block]);
                return;
            }
            None => return,
        };
        match (blocks.last_mut(), block) {
            // Two lists of one kind with nothing between them are read as one.
            (Some(Block::List { start, items }), Block::List { start: other, items: more })
                if start.is_some() == other.is_some() =>
            {
                items.extend(more);
            }
            (_, block) => blocks.push(block),
        }
    }

    fn finish(mut self) -> Document {
        if self.code.is_some() {
            self.end(TagEnd::CodeBlock);
        }
        self.flat = 0;
        self.flush();
        while self.open.len() > 1 {
            self.leave();
        }
        match self.open.pop() {
            Some(Container::Blocks(blocks)) => Document { blocks },
            _ => Document::default(),
        }
    }
}

/// The language tag of a code block, as far as it is a plain word.
fn language(kind: &CodeBlockKind<'_>) -> String {
    let CodeBlockKind::Fenced(info) = kind else { return String::new() };
    let plain = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '+' | '-');
    info.chars().take_while(plain).take(20).collect::<String>().to_ascii_lowercase()
}
