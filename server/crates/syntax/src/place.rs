//! Where a range stands in the tree: the node it means, the statement it is in, and whether the syntax there can be
//! trusted. Every answer starts from one walk down from the root, as deep as the node, however wide the file.

use std::ops::Range;

use tree_sitter::{Node, TreeCursor};

use crate::{
    Language, Parsed,
    grammar::{Flags, Grammar},
};

/// How many nodes a search inside one statement may look at.
const SEARCH_LIMIT: usize = 20_000;

impl Parsed {
    pub(crate) fn grammar(&self) -> &'static Grammar {
        Grammar::of(self.language)
    }

    /// All nodes that cover the range, outermost (the root) first. An empty range means the byte behind it, else the
    /// one before it.
    pub(crate) fn path(&self, range: &Range<usize>) -> Vec<Node<'_>> {
        let path = self.path_to(range.start, range.end.max(range.start + 1));
        if range.is_empty() && range.start > 0 && path.last().is_none_or(|node| node.child_count() > 0) {
            let before = self.path_to(range.start - 1, range.start);
            if before.last().is_some_and(|node| node.child_count() == 0) {
                return before;
            }
        }
        path
    }

    fn path_to(&self, start: usize, end: usize) -> Vec<Node<'_>> {
        let root = self.tree.root_node();
        let mut path = vec![root];
        let mut cursor = root.walk();
        while cursor.goto_first_child_for_byte(start).is_some() {
            let node = cursor.node();
            if node.start_byte() > start || node.end_byte() < end {
                break;
            }
            path.push(node);
        }
        path
    }

    /// The byte range that a reported range means: the innermost named node that covers it without the white space
    /// around it. A range that takes up its whole line means the statement that starts there.
    #[must_use]
    pub fn snap(&self, text: &str, range: Range<usize>) -> Range<usize> {
        let range = trim(text, range);
        if range.is_empty() {
            return range;
        }
        let path = self.path(&range);
        if takes_up_its_line(text, &range)
            && let Some(at) = self.statement_starting_at(&range)
        {
            return trim(text, at);
        }
        path.iter().skip(1).rev().find(|node| node.is_named()).map_or(range, |node| trim(text, node.byte_range()))
    }

    fn statement_starting_at(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let path = self.path(&(range.start..range.start + 1));
        let found = (1..path.len()).find(|&at| path[at].start_byte() == range.start && self.is_statement(&path, at))?;
        Some(path[found].byte_range())
    }

    /// The innermost statement, declaration, element or pair that holds the range. Outside any (several statements, a
    /// file's top) the innermost node below the root, and where there is none the range without the white space around.
    #[must_use]
    pub fn statement(&self, text: &str, range: Range<usize>) -> Range<usize> {
        let range = trim(text, range);
        let path = self.path(&range);
        let found = (1..path.len()).rev().find(|&at| self.is_statement(&path, at)).or(path.len().checked_sub(1));
        match found {
            Some(at) if at > 0 => trim(text, path[at].byte_range()),
            _ => range,
        }
    }

    /// The statement of the range without the block that follows its head: `if eval(x):` of a long `if`. The whole
    /// statement when the range reaches into the block.
    #[must_use]
    pub fn head(&self, text: &str, range: Range<usize>) -> Range<usize> {
        let range = trim(text, range);
        let whole = self.statement(text, range.clone());
        let path = self.path(&whole);
        let Some(statement) = path.iter().find(|node| trim(text, node.byte_range()) == whole) else { return whole };
        let grammar = self.grammar();
        let mut cursor = statement.walk();
        let mut down = cursor.goto_first_child();
        for _ in 0..SEARCH_LIMIT {
            if !down {
                break;
            }
            let node = cursor.node();
            let behind = node.start_byte() >= range.end && node.start_byte() > whole.start;
            if behind && grammar.flags(node).has(Flags::BODY) {
                return trim(text, whole.start..node.start_byte());
            }
            down = (node.end_byte() > range.end && cursor.goto_first_child()) || next(&mut cursor);
        }
        whole
    }

    pub(crate) fn is_statement(&self, path: &[Node<'_>], at: usize) -> bool {
        let grammar = self.grammar();
        let node = path[at];
        node.is_named()
            && (grammar.flags(node).has(Flags::STATEMENT)
                || (at > 0
                    && grammar.flags(path[at - 1]).has(Flags::STATEMENT_LIST)
                    && !grammar.flags(node).has(Flags::COMMENT)))
    }

    /// Nodes of this kind, as [`Parsed::node_kind`] names it, that start in the range, in their order; at most `limit`.
    #[must_use]
    pub fn nodes_of_kind(&self, range: Range<usize>, kind: &str, limit: usize) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let path = self.path(&range);
        let Some(top) = path.last() else { return found };
        let mut cursor = top.walk();
        for _ in 0..SEARCH_LIMIT {
            let node = cursor.node();
            if node.start_byte() >= range.end || found.len() >= limit {
                break;
            }
            if node.start_byte() >= range.start && node.is_named() && node.kind() == kind {
                found.push(node.byte_range());
            }
            let reaches = node.end_byte() > range.start;
            let down = reaches && cursor.goto_first_child_for_byte(range.start).is_some();
            if !down && !next(&mut cursor) {
                break;
            }
        }
        found
    }

    /// The kind of the innermost named node that covers the range, as the grammar calls it. A node that only wraps one
    /// expression (an expression statement, brackets) counts as that expression.
    #[must_use]
    pub fn node_kind(&self, range: Range<usize>) -> &'static str {
        let path = self.path(&range);
        let Some(mut node) = path.into_iter().rev().find(Node::is_named) else { return "" };
        while self.grammar().flags(node).has(Flags::WRAPPER) && node.named_child_count() == 1 {
            match node.named_child(0) {
                Some(inner) => node = inner,
                None => break,
            }
        }
        self.grammar().language.node_kind_for_id(node.kind_id()).unwrap_or("ERROR")
    }

    /// A syntax error encloses the range, overlaps or touches it, or lies in the same statement. Then the structure
    /// here says little, and nothing may be called gone because of it.
    #[must_use]
    pub fn has_error_near(&self, range: Range<usize>) -> bool {
        let root = self.tree.root_node();
        if !root.has_error() {
            return false;
        }
        let path = self.path(&range);
        if path.iter().any(Node::is_error) {
            return true;
        }
        let own = (1..path.len()).rev().find(|&at| self.is_statement(&path, at));
        let own = own.map(|at| path[at].id());
        let touches = |node: Node<'_>| node.start_byte() <= range.end && node.end_byte() >= range.start;
        let mut work = vec![(root, false)];
        while let Some((node, inside)) = work.pop() {
            let mut cursor = node.walk();
            let first = if inside {
                cursor.goto_first_child()
            } else {
                cursor.goto_first_child_for_byte(range.start.saturating_sub(1)).is_some()
            };
            let mut more = first;
            while more {
                let child = cursor.node();
                if !inside && child.start_byte() > range.end {
                    break;
                }
                if (child.is_error() || child.is_missing()) && (inside || touches(child)) {
                    return true;
                }
                let within = Some(child.id()) == own || (inside && !self.grammar().flags(child).has(Flags::STATEMENT));
                if child.has_error() && (within || touches(child)) {
                    work.push((child, within));
                }
                more = cursor.goto_next_sibling();
            }
        }
        false
    }

    /// The byte at `offset` belongs to a comment.
    #[must_use]
    pub fn is_comment(&self, offset: usize) -> bool {
        self.path(&(offset..offset)).iter().any(|node| self.grammar().flags(*node).has(Flags::COMMENT))
    }

    /// The comment that the byte at `offset` belongs to. What a grammar takes for a comment inside an HTML tag is none.
    pub(crate) fn comment_at(&self, offset: usize) -> Option<Range<usize>> {
        let path = self.path(&(offset..offset + 1));
        let at = path.iter().position(|node| self.grammar().flags(*node).has(Flags::COMMENT))?;
        let is_in_tag = path[..at].last().is_some_and(|outer| matches!(outer.kind(), "start_tag" | "self_closing_tag"));
        (!is_in_tag || self.language != Language::Html).then(|| path[at].byte_range())
    }

    /// A string literal goes on over the byte at `offset`, be it only code interpolated in it.
    pub(crate) fn is_string_over(&self, offset: usize) -> bool {
        let path = self.path(&(offset..offset + 1));
        path.iter().any(|node| self.grammar().flags(*node).has(Flags::STRING))
    }

    /// Where the innermost statement around the range begins that has nothing before it on its line. Parts of a pipeline
    /// or a list of commands, and branches of a case, are no statements of their own here.
    pub(crate) fn statement_on_its_line(&self, text: &str, range: Range<usize>) -> Option<usize> {
        const JOINED: [&str; 5] =
            ["pipeline", "list", "negated_command", "redirected_statement", "command_substitution"];
        let path = self.path(&trim(text, range));
        let stands_alone = |at: usize| {
            let before = text[..path[at].start_byte()].rsplit('\n').next().unwrap_or_default();
            before.trim().is_empty()
                && path[at].kind() != "case_item"
                && (at == 0 || !JOINED.contains(&path[at - 1].kind()))
        };
        let found = (1..path.len()).rev().find(|&at| self.is_statement(&path, at) && stands_alone(at))?;
        Some(path[found].start_byte())
    }

    /// Where the outermost `block` node around the range opens: its brace.
    pub(crate) fn outermost_block(&self, range: Range<usize>) -> Option<Range<usize>> {
        let path = self.path(&range);
        let block = path.iter().find(|node| node.kind() == "block")?;
        let mut cursor = block.walk();
        let brace = block.children(&mut cursor).find(|child| matches!(child.kind(), "block_start" | "{"))?;
        Some(brace.byte_range())
    }

    /// The byte at `offset` belongs to a string literal, and not to code interpolated in it.
    #[must_use]
    pub fn in_string(&self, offset: usize) -> bool {
        let path = self.path(&(offset..offset));
        let flags = path.iter().rev().map(|node| self.grammar().flags(*node));
        flags
            .into_iter()
            .find(|flags| flags.has(Flags::STRING) || flags.has(Flags::INTERPOLATION))
            .is_some_and(|flags| flags.has(Flags::STRING))
    }
}

/// The next node in reading order that is no descendant; false at the end of the cursor's start node.
pub(crate) fn next(cursor: &mut TreeCursor<'_>) -> bool {
    loop {
        if cursor.goto_next_sibling() {
            return true;
        }
        if !cursor.goto_parent() {
            return false;
        }
    }
}

/// The range inside the text, on character boundaries.
pub(crate) fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let mut start = range.start.min(text.len());
    let mut end = range.end.clamp(start, text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// The range without the white space at its ends; all white space is empty at the start.
pub(crate) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let range = clamp(text, range);
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    let trimmed = part.trim();
    if trimmed.is_empty() { range.start..range.start } else { start..start + trimmed.len() }
}

/// Nothing but white space stands before and behind the range on its one line.
fn takes_up_its_line(text: &str, range: &Range<usize>) -> bool {
    let first = text[..range.start].rsplit(['\n', '\r']).next().unwrap_or_default();
    let rest = text[range.end..].split(['\n', '\r']).next().unwrap_or_default();
    first.trim().is_empty() && rest.trim().is_empty() && !text[range.clone()].contains(['\n', '\r'])
}
