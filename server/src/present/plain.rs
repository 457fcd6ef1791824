//! Writes a document as plain text that looks good by itself.

use super::document::{Block, Document, Part, Span};

/// The document in plain text, without a newline at the end.
pub(super) fn text(document: &Document) -> String {
    let mut out = Vec::new();
    let mut indent = "";
    let mut rest = document.blocks.as_slice();
    while let Some((block, behind)) = rest.split_first() {
        if !out.is_empty() {
            out.push(String::new());
        }
        if let Block::Heading(level, text) = block {
            out.push(text.clone());
            if *level == 1 {
                out.push("=".repeat(text.chars().count().min(100)));
            }
            // What belongs to a heading is told by its indentation, not by an empty line.
            indent = if *level == 1 { "" } else { "  " };
            if let Some((next, after)) = behind.split_first().filter(|(next, _)| !matches!(next, Block::Heading(..))) {
                out.extend(indented(indent, blocks(std::slice::from_ref(next), false)));
                rest = after;
                continue;
            }
        } else {
            out.extend(indented(indent, blocks(std::slice::from_ref(block), false)));
        }
        rest = behind;
    }
    out.join("\n")
}

fn indented(indent: &str, lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(move |line| if line.is_empty() { line } else { format!("{indent}{line}") })
}

fn blocks(blocks: &[Block], in_item: bool) -> Vec<String> {
    let mut out = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 && !(in_item && matches!(block, Block::List { .. })) {
            out.push(String::new());
        }
        match block {
            Block::Heading(_, text) => out.push(text.clone()),
            Block::Paragraph(spans) => out.extend(paragraph(spans).split('\n').map(str::to_owned)),
            Block::Code { text, .. } => out.extend(indented("  ", text.split('\n').map(str::to_owned).collect())),
            Block::List { start, items } => {
                for (number, item) in (start.unwrap_or(1)..).zip(items) {
                    let marker = if start.is_some() { format!("{number}. ") } else { "- ".to_owned() };
                    let below = " ".repeat(marker.len());
                    for (index, line) in self::blocks(item, true).into_iter().enumerate() {
                        let lead = if index == 0 { &marker } else { &below };
                        out.push(if line.is_empty() { line } else { format!("{lead}{line}") });
                    }
                }
            }
            Block::Quote(inner) => {
                out.extend(
                    self::blocks(inner, false).into_iter().map(|line| format!("> {line}").trim_end().to_owned()),
                );
            }
        }
    }
    out
}

fn paragraph(spans: &[Span]) -> String {
    let mut out = String::new();
    for span in spans {
        match &span.part {
            Part::Text(text) | Part::Name(text) => out.push_str(text),
            Part::Code(code) => {
                out.push('`');
                out.push_str(code);
                out.push('`');
            }
            Part::Link { label, url } if label == url => out.push_str(url),
            Part::Link { label, url } => {
                out.push_str(label);
                out.push_str(" (");
                out.push_str(url);
                out.push(')');
            }
            Part::Break => out.push('\n'),
        }
    }
    out
}
