//! What a place is inside of: classes, functions, keys, blocks, elements, by the table's symbol rules.

use std::ops::Range;

use tree_sitter::Node;

use crate::{Parsed, grammar::Flags, place::clamp, table::Name};

/// Longer names (a key that holds a whole text) are cut to this many characters.
const NAME_LIMIT: usize = 120;
/// How many declarators of C may be nested around one name.
const DECLARATOR_LIMIT: usize = 64;

/// What a symbol is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// A module or namespace.
    Module,
    /// A class, structure, enumeration, implementation or type.
    Class,
    /// An interface or trait.
    Interface,
    /// A function, macro or function bound to a name.
    Function,
    /// A member that runs code.
    Method,
    /// A key of a data file.
    Key,
    /// A labelled block or table of a configuration file.
    Block,
    /// An element of a markup file.
    Element,
    /// A build stage of a container file.
    Stage,
}

impl SymbolKind {
    /// It holds code that runs when called.
    #[must_use]
    pub fn is_callable(self) -> bool {
        matches!(self, Self::Function | Self::Method)
    }

    /// The word for it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Class => "class",
            Self::Interface => "interface",
            Self::Function => "function",
            Self::Method => "method",
            Self::Key => "key",
            Self::Block => "block",
            Self::Element => "element",
            Self::Stage => "stage",
        }
    }
}

/// Something named that encloses code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// What it is.
    pub kind: SymbolKind,
    /// Its name; parts of a qualified name are joined by `.` in every language.
    pub name: String,
    /// Bytes of the whole of it.
    pub range: Range<usize>,
}

/// A symbol with the node that names it, to tell two wrappings of one definition apart from two definitions.
struct Named<'tree> {
    kind: SymbolKind,
    name: String,
    by: Node<'tree>,
}

impl Parsed {
    /// The symbols around `offset`, outermost first.
    #[must_use]
    pub fn symbols(&self, text: &str, offset: usize) -> Vec<Symbol> {
        let offset = clamp(text, offset..offset).start;
        let path = self.path(&(offset..offset));
        let mut found: Vec<(Symbol, usize)> = Vec::new();
        for node in &path {
            if let Some(named) = self.named(text, *node)
                && found.last().is_none_or(|(_, by)| *by != named.by.start_byte())
            {
                let symbol = Symbol { kind: named.kind, name: named.name, range: node.byte_range() };
                found.push((symbol, named.by.start_byte()));
            }
        }
        let mut symbols: Vec<Symbol> = found.into_iter().map(|(symbol, _)| symbol).collect();
        if let Some(stage) = self.stage(text, offset) {
            symbols.retain(|symbol| symbol.kind != SymbolKind::Stage);
            symbols.insert(0, stage);
        }
        symbols
    }

    /// The names of [`Self::symbols`] joined by `.`, as in `Shop.buy`; empty at a file's top.
    #[must_use]
    pub fn symbol_path(&self, text: &str, offset: usize) -> String {
        let names: Vec<String> = self.symbols(text, offset).into_iter().map(|symbol| symbol.name).collect();
        names.join(".")
    }

    /// Every symbol of the file in the order of their starts, outer before inner. Looks at every node once.
    #[must_use]
    pub fn all_symbols(&self, text: &str) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        let mut named_by = usize::MAX;
        let mut cursor = self.tree.walk();
        loop {
            let node = cursor.node();
            if let Some(named) = self.named(text, node)
                && named.by.start_byte() != named_by
            {
                named_by = named.by.start_byte();
                let range = self.stage_range(text, node, named.kind);
                symbols.push(Symbol { kind: named.kind, name: named.name, range });
            }
            if !cursor.goto_first_child() && !crate::place::next(&mut cursor) {
                return symbols;
            }
        }
    }

    /// The build stage that holds `offset`: the last one that starts at or before it.
    fn stage(&self, text: &str, offset: usize) -> Option<Symbol> {
        let grammar = self.grammar();
        if self.language != crate::Language::Dockerfile {
            return None;
        }
        let root = self.tree.root_node();
        let mut cursor = root.walk();
        let stages = root.named_children(&mut cursor).take_while(|node| node.start_byte() <= offset);
        let node = stages.filter(|node| grammar.symbol(*node).is_some_and(|(_, name)| name == Name::Stage)).last()?;
        let named = self.named(text, node)?;
        let range = self.stage_range(text, node, named.kind);
        Some(Symbol { kind: named.kind, name: named.name, range })
    }

    fn stage_range(&self, text: &str, node: Node<'_>, kind: SymbolKind) -> Range<usize> {
        if kind != SymbolKind::Stage {
            return node.byte_range();
        }
        let mut end = node.end_byte();
        let mut following = node.next_named_sibling();
        while let Some(next) = following.filter(|next| self.grammar().symbol(*next).is_none()) {
            end = next.end_byte();
            following = next.next_named_sibling();
        }
        crate::place::trim(text, node.start_byte()..end)
    }

    fn named<'tree>(&self, text: &str, node: Node<'tree>) -> Option<Named<'tree>> {
        let grammar = self.grammar();
        let (kind, rule) = grammar.symbol(node)?;
        let (by, name) = match rule {
            Name::Field(field) => plain(text, node.child_by_field_name(field)?),
            Name::First => plain(text, node.named_child(0)?),
            Name::Inner(field) => {
                let inner = node.child_by_field_name(field)?;
                let (inner_kind, _) = grammar.symbol(inner)?;
                let (by, name) = plain(text, inner.child_by_field_name("name")?);
                return (!name.is_empty()).then_some(Named { kind: inner_kind, name, by });
            }
            Name::Bound(field, value) => {
                let value = node.child_by_field_name(value)?;
                if !grammar.flags(value).has(Flags::ANONYMOUS) {
                    return None;
                }
                plain(text, node.child_by_field_name(field)?)
            }
            Name::Declarator => plain(text, declared(node)?),
            Name::Receiver => receiver(text, node)?,
            Name::Labels => labels(text, node)?,
            Name::Tag => tag(text, node)?,
            Name::Stage => stage_name(text, node)?,
        };
        (!name.is_empty()).then_some(Named { kind, name, by })
    }
}

/// The node's text as a name: no quotes, no generics, `.` between the parts, no white space.
fn plain<'tree>(text: &str, node: Node<'tree>) -> (Node<'tree>, String) {
    let source = slice(text, node).trim_matches(['"', '\'', '`', ' ', '\t', '\r', '\n']);
    let source = source.split_once('<').map_or(source, |(head, _)| if head.is_empty() { source } else { head });
    let name = source.replace("::", ".").replace(['\\', '/'], ".");
    let name: String = name.chars().filter(|c| !c.is_whitespace()).take(NAME_LIMIT).collect();
    (node, name.trim_matches('.').to_owned())
}

fn slice<'t>(text: &'t str, node: Node<'_>) -> &'t str {
    &text[clamp(text, node.byte_range())]
}

fn declared(node: Node<'_>) -> Option<Node<'_>> {
    let mut at = node.child_by_field_name("declarator")?;
    for _ in 0..DECLARATOR_LIMIT {
        let inner = at.child_by_field_name("declarator").or_else(|| {
            let wraps = matches!(at.kind(), "reference_declarator" | "parenthesized_declarator");
            at.named_child(0).filter(|_| wraps)
        });
        match inner {
            Some(inner) => at = inner,
            None => return Some(at),
        }
    }
    None
}

fn receiver<'tree>(text: &str, node: Node<'tree>) -> Option<(Node<'tree>, String)> {
    let (by, name) = plain(text, node.child_by_field_name("name")?);
    let owner = node.child_by_field_name("receiver").map_or("", |receiver| slice(text, receiver));
    let owner = owner.split('[').next().unwrap_or_default();
    let word = |c: char| !(c.is_alphanumeric() || c == '_');
    let owner = owner.rsplit(word).find(|part| !part.is_empty());
    Some((by, owner.map_or(name.clone(), |owner| format!("{owner}.{name}"))))
}

fn labels<'tree>(text: &str, node: Node<'tree>) -> Option<(Node<'tree>, String)> {
    let mut cursor = node.walk();
    let heads =
        node.named_children(&mut cursor).take_while(|child| matches!(child.kind(), "identifier" | "string_lit"));
    let names: Vec<String> = heads.map(|head| plain(text, head).1).collect();
    Some((node.named_child(0)?, names.join(".")))
}

fn tag<'tree>(text: &str, node: Node<'tree>) -> Option<(Node<'tree>, String)> {
    let start = node.named_child(0).filter(|start| matches!(start.kind(), "start_tag" | "self_closing_tag"))?;
    let (by, name) = plain(text, start.named_child(0)?);
    let mut cursor = start.walk();
    let id = start.named_children(&mut cursor).skip(1).find_map(|attribute| {
        let key = attribute.named_child(0)?;
        let value = attribute.named_child(1)?;
        slice(text, key).eq_ignore_ascii_case("id").then(|| plain(text, value).1)
    });
    Some((by, id.map_or(name.clone(), |id| format!("{name}#{id}"))))
}

fn stage_name<'tree>(text: &str, node: Node<'tree>) -> Option<(Node<'tree>, String)> {
    let mut cursor = node.walk();
    let parts: Vec<Node<'tree>> = node.named_children(&mut cursor).collect();
    let part = |kind: &str| parts.iter().copied().find(|part| part.kind() == kind);
    if let Some(alias) = part("image_alias") {
        return Some(plain(text, alias));
    }
    let image = part("image_spec")?;
    Some(plain(text, image.child_by_field_name("name").unwrap_or(image)))
}
