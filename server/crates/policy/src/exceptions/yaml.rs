//! YAML as a small tree in which every value knows its place. Only what the exceptions file may hold: maps, lists and
//! words. Anchors, aliases and tags are refused, so nothing can expand or mean something else than it looks like.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

/// Deepest nesting; the format needs four levels.
const MAX_DEPTH: usize = 16;

/// A value and where it stands. Offsets count characters from the text's start.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) what: What,
    /// Line of its first character, from 1.
    pub(crate) line: u32,
    /// Its first character; of a block list, its first dash or right behind it.
    pub(crate) start: usize,
    /// Behind its last character; a block text's end may lie behind the blank lines that follow it.
    pub(crate) end: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Word(Word),
    List { items: Vec<Node>, is_flow: bool },
    Map { pairs: Vec<(Node, Node)>, is_flow: bool },
}

#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// Written without quotes, so an empty text, `~` and `null` mean nothing.
    pub(crate) is_plain: bool,
    /// Written as a block (`|` or `>`).
    pub(crate) is_block: bool,
}

/// What is wrong with a text, and on which line (from 1).
pub(crate) struct Broken {
    pub(crate) line: u32,
    pub(crate) what: String,
}

impl Node {
    pub(crate) fn word(&self) -> Option<&Word> {
        if let What::Word(word) = &self.what { Some(word) } else { None }
    }

    /// Nothing was written: absent, `~` or `null`.
    pub(crate) fn is_nothing(&self) -> bool {
        self.word().is_some_and(|word| word.is_plain && matches!(&*word.text, "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The last word written in it: what the end of a block list or map is known by.
    pub(crate) fn last_word(&self) -> Option<&Node> {
        match &self.what {
            What::List { items, is_flow: false } => items.last()?.last_word(),
            What::Map { pairs, is_flow: false } => {
                let (key, value) = pairs.last()?;
                if value.is_nothing() && value.start == value.end { Some(key) } else { value.last_word() }
            }
            What::Word(_) | What::List { .. } | What::Map { .. } => Some(self),
        }
    }
}

/// Reads the one document of a text; `None` when there is none (empty, or only comments).
pub(crate) fn read(text: &str) -> Result<Option<Node>, Broken> {
    let mut events = Events { parser: Parser::new_from_str(text), chars: text.chars().count() };
    let mut root = None;
    loop {
        let (event, span) = events.next()?;
        match event {
            Event::StreamEnd => return Ok(root),
            Event::DocumentStart(_) if root.is_some() => {
                return Err(Broken { line: line(span), what: "there is a second document".to_owned() });
            }
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            event => root = Some(events.node(event, span, 0)?),
        }
    }
}

struct Events<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    chars: usize,
}

impl<'t> Events<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Broken> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err(Broken {
                line: u32::try_from(error.marker().line()).unwrap_or(u32::MAX),
                what: format!("this is not YAML: {}", error.info()),
            }),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, Broken> {
        if depth > MAX_DEPTH {
            return Err(Broken { line: line(span), what: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        let (what, end) = match event {
            Event::Scalar(word, style, anchor, tag) => {
                plain(anchor, tag.as_ref(), span)?;
                let is_plain = style == ScalarStyle::Plain;
                let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                (What::Word(Word { text: word.into_owned(), is_plain, is_block }), span.end.index())
            }
            Event::SequenceStart(anchor, tag) => {
                plain(anchor, tag.as_ref(), span)?;
                let mut items = Vec::new();
                let end = loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => break end,
                        (event, span) => items.push(self.node(event, span, depth + 1)?),
                    }
                };
                (What::List { items, is_flow: is_flow(span) }, bracket(end))
            }
            Event::MappingStart(anchor, tag) => {
                plain(anchor, tag.as_ref(), span)?;
                let mut pairs = Vec::new();
                let end = loop {
                    match self.next()? {
                        (Event::MappingEnd, end) => break end,
                        (event, span) => {
                            let key = self.node(event, span, depth + 1)?;
                            let (event, span) = self.next()?;
                            pairs.push((key, self.node(event, span, depth + 1)?));
                        }
                    }
                };
                (What::Map { pairs, is_flow: is_flow(span) }, bracket(end))
            }
            Event::Alias(_) => return Err(not_here("an alias (*name)", span)),
            _ => return Err(Broken { line: line(span), what: "this is not YAML: a value is missing".to_owned() }),
        };
        Ok(Node { what, line: line(span), start: span.start.index().min(self.chars), end: end.min(self.chars) })
    }
}

/// A flow collection starts with a bracket, which has a width; a block one starts with what it holds.
fn is_flow(start: Span) -> bool {
    start.start.index() != start.end.index()
}

/// Behind a closing bracket; the parser's own end may lie behind what follows it on the line.
fn bracket(end: Span) -> usize {
    end.start.index() + 1
}

fn plain(anchor: usize, tag: Option<&Cow<'_, Tag>>, span: Span) -> Result<(), Broken> {
    match (anchor, tag) {
        (0, None) => Ok(()),
        (0, Some(_)) => Err(not_here("a tag (!name)", span)),
        _ => Err(not_here("an anchor (&name)", span)),
    }
}

fn not_here(what: &str, span: Span) -> Broken {
    Broken { line: line(span), what: format!("{what} is not allowed in this file: write the value out") }
}

fn line(span: Span) -> u32 {
    u32::try_from(span.start.line()).unwrap_or(u32::MAX)
}
