//! One text with everything placement asks of it: its lines, its language, its parse.

use std::sync::{Arc, OnceLock};

use finding::text::LineIndex;
use syntax::{Language, Parsed};

/// A text, prepared once and shared: by the engine for open documents, by the driver for scanned ones.
///
/// It is parsed when placement first asks for structure: most files are as they were scanned, and nobody asks.
#[derive(Debug, Clone)]
pub struct Source {
    /// The text.
    pub text: Arc<str>,
    /// Its lines.
    pub lines: LineIndex,
    /// Its language; `None` when the table has none for the path.
    pub language: Option<Language>,
    previous: Option<Parsed>,
    parsed: OnceLock<Option<Parsed>>,
}

impl Source {
    /// Indexes `text`; `path` names the language.
    #[must_use]
    pub fn new(path: &str, text: Arc<str>) -> Self {
        Self::of_language(text, Language::of_path(path))
    }

    /// Indexes `text` of a known language.
    #[must_use]
    pub fn of_language(text: Arc<str>, language: Option<Language>) -> Self {
        Self::following(text, language, None)
    }

    /// Indexes a text that grew out of another by edits; `previous` is the tree of that other text, moved along with
    /// the edits, and makes the parse cheaper when it comes to one.
    #[must_use]
    pub fn following(text: Arc<str>, language: Option<Language>, previous: Option<Parsed>) -> Self {
        Self { lines: LineIndex::new(&text), text, language, previous, parsed: OnceLock::new() }
    }

    /// Of parts the caller already has; `parsed` must be the parse of exactly `text`.
    #[must_use]
    pub fn with_parsed(text: Arc<str>, language: Option<Language>, parsed: Option<Parsed>) -> Self {
        Self { lines: LineIndex::new(&text), text, language, previous: None, parsed: OnceLock::from(parsed) }
    }

    /// Its parse, made when first asked for; `None` without a language and where parsing gave up.
    #[must_use]
    pub fn parsed(&self) -> Option<&Parsed> {
        let parse = |language| syntax::parse(language, &self.text, self.previous.as_ref(), &|| false);
        self.parsed.get_or_init(|| self.language.and_then(parse)).as_ref()
    }

    /// Its parse if somebody asked for it.
    #[must_use]
    pub fn parsed_so_far(&self) -> Option<&Parsed> {
        self.parsed.get().and_then(Option::as_ref)
    }
}
