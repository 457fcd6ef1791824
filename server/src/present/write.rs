//! Writes a document as Markdown that reads back as the same document.

use super::document::{Block, Document, Mark, Part, Span};
use super::escape::{self, Around};

/// The document in Markdown, without a newline at the end.
pub(super) fn markdown(document: &Document) -> String {
    blocks(&document.blocks, false).join("\n")
}

/// Lines of blocks one below the other; `in_item` where a list may follow its paragraph without an empty line.
fn blocks(blocks: &[Block], in_item: bool) -> Vec<String> {
    let mut out = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let follows = index.checked_sub(1).map(|before| &blocks[before]);
        let tight = in_item
            && matches!(follows, Some(Block::Paragraph(_)))
            && matches!(block, Block::List { start: None | Some(1), .. });
        if index > 0 && !tight {
            out.push(String::new());
        }
        match block {
            Block::Heading(level, text) => {
                out.push(format!(
                    "{} {}",
                    "#".repeat(usize::from(*level)),
                    escape::text(text, Around { starts_line: true, dollars: true })
                ));
            }
            Block::Paragraph(spans) => out.extend(paragraph(spans).split('\n').map(str::to_owned)),
            Block::Code { language, text } => {
                let fence = "`".repeat(escape::longest_run(text).max(2) + 1);
                out.push(format!("{fence}{language}"));
                out.extend(text.split('\n').map(str::to_owned));
                out.push(fence);
            }
            Block::List { start, items } => list(*start, items, &mut out),
            Block::Quote(inner) => {
                out.extend(self::blocks(inner, false).into_iter().map(|line| prefix(">", " ", &line)));
            }
        }
    }
    out
}

fn list(start: Option<u64>, items: &[Vec<Block>], out: &mut Vec<String>) {
    for (number, item) in (start.unwrap_or(1)..).zip(items) {
        let marker = if start.is_some() { format!("{number}. ") } else { "- ".to_owned() };
        let indent = " ".repeat(marker.len());
        for (index, line) in blocks(item, true).into_iter().enumerate() {
            out.push(if index == 0 { format!("{marker}{line}") } else { prefix("", &indent, &line) });
        }
    }
}

fn prefix(sign: &str, space: &str, line: &str) -> String {
    if line.is_empty() { sign.to_owned() } else { format!("{sign}{space}{line}") }
}

/// A paragraph; hard line breaks are two spaces before a newline, which no editor shows.
pub(super) fn paragraph(spans: &[Span]) -> String {
    let mut out = String::new();
    let mut open = Mark::Plain;
    let dollars = spans.iter().map(|span| span.shown().matches('$').count()).sum::<usize>() > 1
        || spans.iter().any(|span| matches!(&span.part, Part::Link { url, .. } if url.contains('$')));
    for span in spans {
        let mark = if span.part == Part::Break { Mark::Plain } else { span.mark };
        if mark != open {
            out.push_str(asterisks(open));
            out.push_str(asterisks(mark));
            open = mark;
        }
        let starts_line = out.is_empty() || out.ends_with('\n');
        match &span.part {
            Part::Text(text) => out.push_str(&escape::text(text, Around { starts_line, dollars })),
            Part::Code(code) | Part::Name(code) => out.push_str(&escape::code(code)),
            Part::Link { label, url } if label == url => {
                out.push('<');
                out.push_str(url);
                out.push('>');
            }
            Part::Link { label, url } => {
                out.push('[');
                out.push_str(&escape::text(label, Around { starts_line: true, dollars }));
                out.push_str("](");
                out.push_str(url);
                out.push(')');
            }
            Part::Break => out.push_str("  \n"),
        }
    }
    out.push_str(asterisks(open));
    out
}

fn asterisks(mark: Mark) -> &'static str {
    match mark {
        Mark::Plain => "",
        Mark::Strong => "**",
        Mark::Emphasis => "*",
    }
}
