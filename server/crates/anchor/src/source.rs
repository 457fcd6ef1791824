//! One text with everything placement asks of it: its lines, its language, its parse.

use std::sync::Arc;

use finding::text::LineIndex;
use syntax::{Language, Parsed};

/// A text, prepared once and shared: by the engine for open documents, by the driver for scanned ones.
#[derive(Debug, Clone)]
pub struct Source {
    /// The text.
    pub text: Arc<str>,
    /// Its lines.
    pub lines: LineIndex,
    /// Its language; `None` when the table has none for the path.
    pub language: Option<Language>,
    /// Its parse; `None` without a language, when parsing was cancelled or gave up.
    pub parsed: Option<Parsed>,
}

impl Source {
    /// Indexes and parses `text`; `path` names the language. When `cancelled` answers true the parse is left out.
    #[must_use]
    pub fn new(path: &str, text: Arc<str>, cancelled: &dyn Fn() -> bool) -> Self {
        let language = Language::of_path(path);
        let parsed = language.and_then(|language| syntax::parse(language, &text, None, cancelled));
        Self::with_parsed(text, language, parsed)
    }

    /// Of parts the caller already has; `parsed` must be the parse of exactly `text`.
    #[must_use]
    pub fn with_parsed(text: Arc<str>, language: Option<Language>, parsed: Option<Parsed>) -> Self {
        Self { lines: LineIndex::new(&text), text, language, parsed }
    }
}
