//! An open document: its text, lines and last parse.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use finding::text::LineIndex;
use syntax::{Language, Parsed};

use crate::change::ByteEdit;
use crate::effects::FileRef;

/// An open document. The engine owns its text and parse; placing borrows them.
#[derive(Debug, Clone)]
pub struct Document {
    /// As the client names it.
    pub uri: Arc<str>,
    /// Its file, if it is one.
    pub path: Option<PathBuf>,
    /// Its place in a root, if it is in one.
    pub file: Option<FileRef>,
    /// The client's version. Clients repeat them; see `edition`.
    pub version: i32,
    /// Another number for each text that any document ever had.
    pub edition: u64,
    /// The text.
    pub text: Arc<str>,
    /// Its lines.
    pub lines: Arc<LineIndex>,
    /// From the path, else from the client's language id.
    pub language: Option<Language>,
    /// The last parse, moved along with the edits since.
    pub parsed: Option<Parsed>,
    /// Whether `parsed` is of exactly this text.
    pub is_parse_current: bool,
    /// When it was last parsed, in placement jobs.
    pub(crate) parsed_at: u64,
}

impl Document {
    /// Applies edits in order; ranges that do not fit the text are cut to it. Returns what each replaced, in bytes.
    pub(crate) fn edit(&mut self, edits: &[ByteEdit]) -> Vec<syntax::Edit> {
        let mut text = String::from(&*self.text);
        let mut done = Vec::with_capacity(edits.len());
        for edit in edits {
            let range = fit(&text, &edit.range);
            let applied = syntax::Edit::replace(&text, range.clone(), &edit.text);
            text.replace_range(range, &edit.text);
            done.push(applied);
        }
        if let Some(parsed) = &mut self.parsed {
            for edit in &done {
                parsed.edit(edit);
            }
        }
        self.lines = Arc::new(LineIndex::new(&text));
        self.text = text.into();
        self.is_parse_current = false;
        done
    }
}

fn fit(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.floor_char_boundary(range.end.min(text.len()));
    start..end.max(start)
}
