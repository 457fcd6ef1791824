//! A row of the table made ready for one grammar: what each node kind is, looked up by number instead of by name.

use std::sync::OnceLock;

use crate::{
    Language, SymbolKind,
    table::{Name, Row},
};

/// What a node kind is; several may hold at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flags(u16);

impl Flags {
    pub(crate) const STATEMENT: Self = Self(1);
    pub(crate) const BODY: Self = Self(1 << 1);
    pub(crate) const COMMENT: Self = Self(1 << 2);
    pub(crate) const STRING: Self = Self(1 << 3);
    pub(crate) const INTERPOLATION: Self = Self(1 << 4);
    pub(crate) const PROSE: Self = Self(1 << 5);
    pub(crate) const LOOSE_PARENTHESES: Self = Self(1 << 6);
    pub(crate) const BARE_PARENTHESES: Self = Self(1 << 7);
    /// A node that adds nothing to the one expression in it.
    pub(crate) const WRAPPER: Self = Self(1 << 8);
    pub(crate) const PARENTHESIZED: Self = Self(1 << 9);
    /// A function or class without a name of its own.
    pub(crate) const ANONYMOUS: Self = Self(1 << 10);
    pub(crate) const STATEMENT_LIST: Self = Self(1 << 11);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Anonymous functions and classes of all languages; a binding gives them a name.
const ANONYMOUS: &str = "arrow_function function_expression generator_function class lambda func_literal";

pub(crate) struct Grammar {
    pub(crate) language: tree_sitter::Language,
    flags: Vec<Flags>,
    symbols: Vec<Option<(SymbolKind, Name)>>,
}

impl Grammar {
    /// The grammar of a language, prepared on first use and kept.
    pub(crate) fn of(language: Language) -> &'static Self {
        static PREPARED: [OnceLock<Grammar>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
        PREPARED[language as usize].get_or_init(|| Self::prepare(language.row()))
    }

    fn prepare(row: &Row) -> Self {
        let language = (row.grammar)();
        let lists = [
            (row.statements, Flags::STATEMENT),
            (row.statement_lists, Flags::STATEMENT_LIST),
            (row.bodies, Flags::BODY),
            (row.comments, Flags::COMMENT),
            (row.strings, Flags::STRING),
            (row.interpolations, Flags::INTERPOLATION),
            (row.prose, Flags::PROSE),
            (row.loose_parentheses, Flags::LOOSE_PARENTHESES),
            (row.bare_parentheses, Flags::BARE_PARENTHESES),
            ("expression_statement parenthesized_expression", Flags::WRAPPER),
            ("parenthesized_expression", Flags::PARENTHESIZED),
            (ANONYMOUS, Flags::ANONYMOUS),
        ];
        let count = u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
        let named = |id: u16| language.node_kind_for_id(id).filter(|_| language.node_kind_is_named(id)).unwrap_or("");
        let flags = (0..count)
            .map(|id| {
                let held = lists.iter().filter(|(list, _)| listed(list, named(id)));
                Flags(held.fold(0, |all, (_, flag)| all | flag.0))
            })
            .collect();
        let symbols = (0..count)
            .map(|id| {
                row.symbols.iter().find(|(list, ..)| listed(list, named(id))).map(|&(_, kind, name)| (kind, name))
            })
            .collect();
        Self { language, flags, symbols }
    }

    /// What the node is; an `ERROR` node is nothing.
    pub(crate) fn flags(&self, node: tree_sitter::Node<'_>) -> Flags {
        self.flags.get(usize::from(node.kind_id())).copied().unwrap_or_default()
    }

    /// How the node names what it encloses, if it does.
    pub(crate) fn symbol(&self, node: tree_sitter::Node<'_>) -> Option<(SymbolKind, Name)> {
        self.symbols.get(usize::from(node.kind_id())).copied().flatten()
    }
}

fn listed(list: &str, kind: &str) -> bool {
    let excluded = |entry: &str| entry.strip_prefix('-') == Some(kind);
    let mut entries = list.split_ascii_whitespace();
    !kind.is_empty() && entries.clone().any(|entry| fits(entry, kind)) && !entries.any(excluded)
}

fn fits(entry: &str, kind: &str) -> bool {
    entry.strip_prefix('*').map_or(entry == kind, |ending| kind.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grammar_loads_under_this_tree_sitter() {
        for language in Language::ALL {
            let grammar = Grammar::of(language);
            let abi = grammar.language.abi_version();
            assert!((tree_sitter::MIN_COMPATIBLE_LANGUAGE_VERSION..=tree_sitter::LANGUAGE_VERSION).contains(&abi));
            let mut parser = tree_sitter::Parser::new();
            parser.set_language(&grammar.language).unwrap_or_else(|error| panic!("{}: {error}", language.name()));
        }
    }

    #[test]
    fn every_node_kind_and_field_in_the_table_exists_in_its_grammar() {
        let mut missing = Vec::new();
        for language in Language::ALL {
            let row = language.row();
            let grammar = &Grammar::of(language).language;
            let count = u16::try_from(grammar.node_kind_count()).expect("fits");
            let kinds: Vec<&str> = (0..count)
                .filter(|&id| grammar.node_kind_is_named(id))
                .filter_map(|id| grammar.node_kind_for_id(id))
                .collect();
            let lists = [
                row.statements,
                row.statement_lists,
                row.bodies,
                row.comments,
                row.strings,
                row.interpolations,
                row.prose,
                row.loose_parentheses,
                row.bare_parentheses,
            ];
            let symbol_lists = row.symbols.iter().map(|(list, ..)| *list);
            for entry in lists.into_iter().chain(symbol_lists).flat_map(str::split_ascii_whitespace) {
                let entry = entry.strip_prefix('-').unwrap_or(entry);
                if !kinds.iter().any(|kind| fits(entry, kind)) {
                    missing.push(format!("{}: {entry}", language.name()));
                }
            }
            for (_, _, name) in row.symbols {
                let fields = match *name {
                    Name::Field(field) | Name::Inner(field) => vec![field],
                    Name::Bound(name, value) => vec![name, value],
                    _ => vec![],
                };
                missing.extend(
                    fields
                        .iter()
                        .filter(|field| grammar.field_id_for_name(field).is_none())
                        .map(|field| format!("{}: field {field}", language.name())),
                );
            }
        }
        assert_eq!(missing, Vec::<String>::new());
    }
}
