//! Parsing: a whole text, or the part that edits touched. One parser a language and thread, kept.

use std::cell::RefCell;
use std::ops::{ControlFlow, Range};

use tree_sitter::{ParseOptions, Parser, Tree};

use crate::{Edit, Language, grammar::Grammar};

/// Texts above this many bytes (4 MiB) are not parsed: such files are generated or minified, and a tree of them costs
/// hundreds of megabytes. Callers fall back to lines and [`crate::fallback_tokens`].
pub const MAX_PARSE_BYTES: usize = 4 << 20;

/// A parse pauses every so many parser steps (tree-sitter's own interval) and asks for leave to go on. The densest real
/// files pause once in 18 bytes, most once in 50 to 400. More pauses than this budget mean a text that makes the parser
/// try everything; steps are counted, not time, so the same text always gets the same answer.
const PAUSES_AT_LEAST: usize = 20_000;
const BYTES_PER_PAUSE: usize = 4;

/// A text's syntax tree and its language. Cloning shares the tree.
#[derive(Debug, Clone)]
pub struct Parsed {
    pub(crate) language: Language,
    pub(crate) tree: Tree,
}

/// Parses `text`. With `previous`, a tree of the same language that took every edit since its text by [`Parsed::edit`],
/// only what the edits touched is parsed again.
///
/// `None` when the text is above [`MAX_PARSE_BYTES`], when `cancelled` said so (it is asked often, must be cheap and
/// must not panic) or when the text exhausted the parser's budget.
///
/// For text without syntax errors the tree is the one a full parse gives. With errors the recovery may differ in detail
/// between the two, which is one more reason to trust nothing near an error ([`Parsed::has_error_near`]).
#[must_use]
pub fn parse(
    language: Language,
    text: &str,
    previous: Option<&Parsed>,
    cancelled: &dyn Fn() -> bool,
) -> Option<Parsed> {
    if text.len() > MAX_PARSE_BYTES || cancelled() {
        return None;
    }
    let mut parser = borrow_parser(language)?;
    let bytes = text.as_bytes();
    let mut left = PAUSES_AT_LEAST + text.len() / BYTES_PER_PAUSE;
    let mut pause = |_: &tree_sitter::ParseState| {
        left = left.saturating_sub(1);
        if left == 0 || cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut pause);
    let old_tree = previous.filter(|previous| previous.language == language).map(|previous| &previous.tree);
    let tree = parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), old_tree, Some(options));
    if tree.is_none() {
        parser.reset(); // else the next parse would go on with this text
    }
    return_parser(language, parser);
    tree.map(|tree| Parsed { language, tree })
}

thread_local! {
    static PARSERS: RefCell<Vec<(Language, Parser)>> = const { RefCell::new(Vec::new()) };
}

/// Takes this thread's parser out of its drawer, so that a `cancelled` which itself parses finds no borrowed cell.
fn borrow_parser(language: Language) -> Option<Parser> {
    let kept = PARSERS.with_borrow_mut(|parsers| {
        let at = parsers.iter().position(|(known, _)| *known == language)?;
        Some(parsers.swap_remove(at).1)
    });
    kept.or_else(|| {
        let mut parser = Parser::new();
        parser.set_language(&Grammar::of(language).language).ok()?;
        Some(parser)
    })
}

fn return_parser(language: Language, parser: Parser) {
    PARSERS.with_borrow_mut(|parsers| {
        if parsers.iter().all(|(known, _)| *known != language) {
            parsers.push((language, parser));
        }
    });
}

impl Parsed {
    /// The language it was parsed as.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The tree itself, for the crate that matches code rules on it.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Moves the tree's nodes by one edit. The tree then lies on the new text's offsets, but knows its structure only
    /// after the next [`parse`] with this as `previous`.
    pub fn edit(&mut self, edit: &Edit) {
        self.tree.edit(&edit.input());
    }

    /// The byte ranges whose structure differs between this tree and a newer one, which was parsed with an edited clone
    /// of this as `previous`. Offsets of the newer text. To be called on that edited clone.
    #[must_use]
    pub fn changed_ranges(&self, newer: &Self) -> Vec<Range<usize>> {
        self.tree.changed_ranges(&newer.tree).map(|range| range.start_byte..range.end_byte).collect()
    }

    /// No syntax error anywhere.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.tree.root_node().has_error()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_parse_stops_when_it_is_cancelled_and_the_next_one_starts_afresh() {
        let long = "x = [1, 2, 3]\n".repeat(5_000);
        let asked = Cell::new(0);
        let cancel_later = || {
            asked.set(asked.get() + 1);
            asked.get() > 3
        };
        assert!(parse(Language::Python, &long, None, &cancel_later).is_none());
        let short = parse(Language::Python, "y = 2\n", None, &|| false).expect("a tree");
        assert!(short.is_whole());
        assert_eq!(short.tree().root_node().end_byte(), 6);
    }

    #[test]
    fn a_text_above_the_limit_is_not_parsed() {
        let text = " ".repeat(MAX_PARSE_BYTES + 1);
        assert!(parse(Language::Json, &text, None, &|| false).is_none());
    }

    #[test]
    fn a_tree_of_another_language_is_no_previous_tree() {
        let python = parse(Language::Python, "x = 1\n", None, &|| false).expect("a tree");
        let json = parse(Language::Json, "[1]\n", Some(&python), &|| false).expect("a tree");
        assert!(json.is_whole());
    }

    #[test]
    fn a_callback_that_parses_finds_a_parser_of_its_own() {
        let inner = || parse(Language::Python, "a = 1\n", None, &|| false).is_none();
        let outer = parse(Language::Python, &"b = 2\n".repeat(2_000), None, &inner);
        assert!(outer.is_some_and(|parsed| parsed.is_whole()));
    }

    #[test]
    fn trees_can_be_shared_between_threads() {
        fn shared<T: Send + Sync + Clone>() {}
        shared::<Parsed>();
    }
}
