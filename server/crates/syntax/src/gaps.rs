//! Text that a grammar matches without a leaf of its own (the tag in `FROM python:3.12`): it counts like any other.

use std::ops::Range;

use crate::grammar::Flags;
use crate::tokens::Token;
use crate::{Parsed, fallback_tokens};

impl Parsed {
    /// Adds the words of `range` that no token covers, unless they stand in a comment. Only words and numbers: dropped
    /// punctuation (trailing commas, idle semicolons) is dropped on purpose.
    pub(crate) fn fill_gaps<'t>(&self, text: &'t str, range: &Range<usize>, tokens: Vec<Token<'t>>) -> Vec<Token<'t>> {
        let mut filled: Vec<Token<'t>> = Vec::with_capacity(tokens.len());
        let mut at = range.start;
        for token in tokens {
            if at < token.range.start {
                self.fill(text, at..token.range.start, &mut filled);
            }
            at = at.max(token.range.end);
            filled.push(token);
        }
        if at < range.end {
            self.fill(text, at..range.end, &mut filled);
        }
        filled
    }

    fn fill<'t>(&self, text: &'t str, gap: Range<usize>, out: &mut Vec<Token<'t>>) {
        let has_words = text.get(gap.clone()).is_some_and(|gap| gap.contains(|c: char| c.is_alphanumeric()));
        if !has_words {
            return;
        }
        let is_leafless = |token: &Token<'_>| {
            let node = self.tree().root_node().descendant_for_byte_range(token.range.start, token.range.end);
            node.is_some_and(|node| node.child_count() > 0 && !self.grammar().flags(node).has(Flags::COMMENT))
                && !self.is_comment(token.range.start)
        };
        out.extend(fallback_tokens(text, gap).into_iter().filter(|token| is_leafless(token)));
    }
}
