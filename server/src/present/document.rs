//! The small document tree between what was read and what is written.

/// A text with structure; trusted only to be bounded and free of hidden characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Document {
    pub(super) blocks: Vec<Block>,
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// A heading of our own (level 1 or 2); headings of strangers become bold paragraphs.
    Heading(u8, String),
    Paragraph(Vec<Span>),
    Code {
        language: String,
        text: String,
    },
    /// `start` is the first number of a numbered list.
    List {
        start: Option<u64>,
        items: Vec<Vec<Block>>,
    },
    Quote(Vec<Block>),
}

/// A run of text with one mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) mark: Mark,
    pub(super) part: Part,
}

/// How a run stands out. Marks do not nest: the outermost wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Plain,
    Strong,
    Emphasis,
}

/// What a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// Code as its author wrote it: in back-ticks everywhere.
    Code(String),
    /// A name of ours to show (a rule, a path, a commit): code in Markdown, bare in plain text.
    Name(String),
    /// `url` has passed `link::safe`.
    Link {
        label: String,
        url: String,
    },
    Break,
}

impl Span {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { mark: Mark::Plain, part: Part::Text(text.into()) }
    }

    pub(super) fn strong(text: impl Into<String>) -> Self {
        Self { mark: Mark::Strong, part: Part::Text(text.into()) }
    }

    pub(super) fn name(text: &str) -> Self {
        Self { mark: Mark::Plain, part: Part::Name(super::clean::one_line(text)) }
    }

    pub(super) fn link(label: impl Into<String>, url: impl Into<String>) -> Self {
        Self { mark: Mark::Plain, part: Part::Link { label: label.into(), url: url.into() } }
    }

    pub(super) fn line_break() -> Self {
        Self { mark: Mark::Plain, part: Part::Break }
    }

    /// The characters a reader sees.
    pub(super) fn shown(&self) -> &str {
        match &self.part {
            Part::Text(text) | Part::Code(text) | Part::Name(text) | Part::Link { label: text, .. } => text,
            Part::Break => "\n",
        }
    }
}

/// Columns a line of a hover has, about; only to estimate how many lines a paragraph takes.
const COLUMNS: usize = 100;
/// Lines around the text of a code block.
const FENCES: usize = 2;

impl Document {
    /// The beginning of the document, about `lines` lines long; a cut shows as `…`.
    pub(super) fn shorten(self, lines: usize) -> Self {
        let mut left = lines;
        let mut blocks = Vec::new();
        for block in self.blocks {
            if left == 0 {
                mark_cut(&mut blocks);
                break;
            }
            let needs = block.lines();
            if needs <= left {
                left -= needs;
                blocks.push(block);
            } else {
                blocks.extend(block.beginning(left));
                break;
            }
        }
        Self { blocks }
    }
}

fn mark_cut(blocks: &mut [Block]) {
    if let Some(Block::Paragraph(spans)) = blocks.last_mut() {
        spans.push(Span::text(" \u{2026}"));
    }
}

impl Block {
    fn lines(&self) -> usize {
        match self {
            Self::Heading(..) => 1,
            Self::Paragraph(spans) => paragraph_lines(spans),
            Self::Code { text, .. } => text.lines().count() + FENCES,
            Self::List { items, .. } => items.iter().flatten().map(Self::lines).sum(),
            Self::Quote(blocks) => blocks.iter().map(Self::lines).sum(),
        }
    }

    /// What fits into `lines` lines of a block that does not fit whole.
    fn beginning(self, lines: usize) -> Option<Self> {
        match self {
            Self::Heading(..) => None,
            Self::Paragraph(spans) => Some(Self::Paragraph(cut_spans(spans, lines.saturating_mul(COLUMNS), lines))),
            Self::Code { language, text } => {
                let kept: Vec<&str> = text.lines().take(lines.checked_sub(FENCES + 1)?).collect();
                Some(Self::Code { language, text: format!("{}\n\u{2026}", kept.join("\n")) })
            }
            Self::List { start, items } => {
                let mut left = lines.saturating_sub(1);
                let mut kept = Vec::new();
                for item in items {
                    let needs: usize = item.iter().map(Self::lines).sum();
                    if needs > left {
                        break;
                    }
                    left -= needs;
                    kept.push(item);
                }
                kept.push(vec![Self::Paragraph(vec![Span::text("\u{2026}")])]);
                Some(Self::List { start, items: kept })
            }
            Self::Quote(blocks) => Some(Self::Quote(Document { blocks }.shorten(lines).blocks)),
        }
    }

    /// The words alone, to tell whether two blocks say the same.
    pub(super) fn words(&self) -> String {
        let mut words = String::new();
        self.collect_words(&mut words);
        words
    }

    fn collect_words(&self, into: &mut String) {
        let mut add = |text: &str| {
            for word in text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()) {
                into.push_str(&word.to_lowercase());
                into.push(' ');
            }
        };
        match self {
            Self::Heading(_, text) | Self::Code { text, .. } => add(text),
            Self::Paragraph(spans) => spans.iter().for_each(|span| add(span.shown())),
            Self::List { items, .. } => items.iter().flatten().for_each(|block| block.collect_words(into)),
            Self::Quote(blocks) => blocks.iter().for_each(|block| block.collect_words(into)),
        }
    }
}

fn paragraph_lines(spans: &[Span]) -> usize {
    let text: String = spans.iter().map(Span::shown).collect();
    text.split('\n').map(|line| line.chars().count().div_ceil(COLUMNS).max(1)).sum()
}

/// The first `characters` characters and `lines` lines, ended at a word.
fn cut_spans(spans: Vec<Span>, characters: usize, lines: usize) -> Vec<Span> {
    let (mut left, mut breaks) = (characters, lines);
    let mut kept = Vec::new();
    for mut span in spans {
        if span.part == Part::Break {
            breaks = breaks.saturating_sub(1);
        }
        let length = span.shown().chars().count();
        if length <= left && breaks > 0 {
            left -= length;
            kept.push(span);
            continue;
        }
        if let Part::Text(text) = &mut span.part {
            let cut: String = text.chars().take(left).collect();
            *text = cut.rsplit_once(' ').map_or_else(String::new, |(words, _)| words.to_owned());
            kept.push(span);
        }
        break;
    }
    kept.push(Span::text(" \u{2026}"));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(text: &str) -> Block {
        Block::Paragraph(vec![Span::text(text)])
    }

    #[test]
    fn a_document_that_fits_is_kept_whole() {
        let document = Document { blocks: vec![paragraph("one"), paragraph("two")] };
        assert_eq!(document.clone().shorten(2), document);
    }

    #[test]
    fn a_cut_ends_at_a_word_and_shows() {
        let long = "word ".repeat(60);
        let Block::Paragraph(spans) = &(Document { blocks: vec![paragraph(&long)] }).shorten(1).blocks[0] else {
            panic!("a paragraph stays one")
        };
        let text: String = spans.iter().map(Span::shown).collect();
        assert!(text.ends_with("word \u{2026}") && text.chars().count() <= COLUMNS + 2, "{text}");
    }

    #[test]
    fn code_and_lists_are_cut_by_lines() {
        let code = |text: &str| Block::Code { language: String::new(), text: text.into() };
        let list = |items: &[&str]| Block::List {
            start: None,
            items: items.iter().map(|item| vec![paragraph(item)]).collect(),
        };
        let short = |block: Block, lines| Document { blocks: vec![block] }.shorten(lines).blocks;
        assert_eq!(short(code("a\nb\nc"), 5), [code("a\nb\nc")]);
        assert_eq!(short(code("a\nb\nc"), 4), [code("a\n\u{2026}")]);
        assert_eq!(short(code("a\nb\nc"), 2), []);
        assert_eq!(short(list(&["a", "b", "c"]), 2), [list(&["a", "\u{2026}"])]);
    }
}
