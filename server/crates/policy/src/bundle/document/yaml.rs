//! YAML as OPA reads it: converted to JSON by the rules of its YAML 1.1 reader, so that `on` is true and `0644` is 420.
//!
//! What could mean two things is refused: a key given twice, a merge that would replace a key, tags of one's own.

mod scalar;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use self::scalar::Scalar;
use super::{Document, MAX_DEPTH, from_json};

/// Most values, those that aliases repeat and anchors keep counted again, a text counting one more for each 64 bytes: a
/// few lines of aliases could otherwise stand for gigabytes.
const MAX_NODES: usize = 1_000_000;

/// Reads a whole YAML text with one document in it. The error continues a sentence and names line and column.
pub(in super::super) fn from_yaml(bytes: &[u8]) -> Result<Document, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // JSON in a YAML file is read as JSON: its numbers keep their spelling.
    if let Ok(document) = from_json(bytes) {
        return Ok(document);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| format!("it is not UTF-8 (byte {})", error.valid_up_to()))?;
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| error.to_string())?;
        let told = |why| format!("line {}, column {}: {why}", span.start.line(), span.start.col() + 1);
        builder.event(event).map_err(told)?;
    }
    builder.root.map_or(Ok(Document::Null), |node| Ok(node.document))
}

/// A finished value and what it weighs.
#[derive(Clone)]
struct Node {
    document: Document,
    /// A plain `<<`, which merges when it is a key.
    is_merge: bool,
    is_float: bool,
    nodes: usize,
    height: usize,
}

impl Node {
    fn leaf(scalar: Scalar, is_merge: bool) -> Self {
        let Scalar { document, is_float } = scalar;
        let nodes = match &document {
            Document::Text(text) => 1 + text.len() / 64,
            _ => 1,
        };
        Self { document, is_merge, is_float, nodes, height: 0 }
    }
}

/// A list or object whose end has not come yet.
struct Open {
    anchor: usize,
    parts: Parts,
    nodes: usize,
    height: usize,
}

enum Parts {
    List(Vec<Document>),
    Map { members: BTreeMap<String, Document>, merged: BTreeSet<String>, key: Option<Key> },
}

enum Key {
    Name(String),
    Merge,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
}

impl Builder {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err("a second document begins here; a data file has one".to_owned());
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let tag = core_tag(tag.as_deref())?;
                let is_plain = style == ScalarStyle::Plain;
                let is_merge = is_plain && tag.is_none() && text == "<<";
                let node = Node::leaf(scalar::resolve(&text, is_plain, tag.as_deref())?, is_merge);
                self.keep(anchor, &node)?;
                self.count(node.nodes)?;
                self.put(node)
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let mut node = node.ok_or("an alias names an anchor that is not complete before it")?;
                node.is_merge = false;
                self.count(node.nodes)?;
                self.put(node)
            }
            Event::SequenceStart(anchor, tag) => {
                expect_tag(tag.as_deref(), "seq")?;
                self.begin(anchor, Parts::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                expect_tag(tag.as_deref(), "map")?;
                self.begin(anchor, Parts::Map { members: BTreeMap::new(), merged: BTreeSet::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, anchor: usize, parts: Parts) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} deep"));
        }
        self.open.push(Open { anchor, parts, nodes: 1, height: 0 });
        self.count(1)
    }

    fn end(&mut self) -> Result<(), String> {
        let open = self.open.pop().ok_or("a list or object ends that did not begin")?;
        let document = match open.parts {
            Parts::List(items) => Document::List(items),
            Parts::Map { members, .. } => Document::Map(members),
        };
        let node = Node { document, is_merge: false, is_float: false, nodes: open.nodes, height: open.height + 1 };
        self.keep(open.anchor, &node)?;
        self.put(node)
    }

    /// Anchors are numbered from 1; 0 is none.
    fn keep(&mut self, anchor: usize, node: &Node) -> Result<(), String> {
        if anchor > 0 {
            self.count(node.nodes)?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize) -> Result<(), String> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(format!("it stands for more than {MAX_NODES} values once its aliases are expanded"));
        }
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<(), String> {
        if self.open.len() + node.height > MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} deep"));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.nodes += node.nodes;
        open.height = open.height.max(node.height);
        match &mut open.parts {
            Parts::List(items) => items.push(node.document),
            Parts::Map { members, merged, key } => match key.take() {
                None if node.is_merge => *key = Some(Key::Merge),
                None => {
                    let name = scalar::key(node.document, node.is_float)?;
                    if members.contains_key(&name) && !merged.contains(&name) {
                        return Err(format!("the key {name:?} is given twice"));
                    }
                    *key = Some(Key::Name(name));
                }
                Some(Key::Name(name)) => {
                    merged.remove(&name);
                    members.insert(name, node.document);
                }
                Some(Key::Merge) => merge(node.document, members, merged)?,
            },
        }
        Ok(())
    }
}

/// `<<: *defaults`: the first of several that has a key decides it, and later keys of the object itself replace it. YAML
/// readers disagree about a merge that comes after a key it also has, so that is refused.
fn merge(
    source: Document,
    members: &mut BTreeMap<String, Document>,
    merged: &mut BTreeSet<String>,
) -> Result<(), String> {
    let sources = match source {
        Document::List(sources) => sources,
        one => vec![one],
    };
    let mut added = BTreeMap::new();
    for source in sources {
        let Document::Map(source) = source else {
            return Err("<< merges an object or a list of objects, and this is neither".to_owned());
        };
        for (key, value) in source {
            added.entry(key).or_insert(value);
        }
    }
    for (key, value) in added {
        if members.contains_key(&key) {
            return Err(format!("<< would replace the key {key:?} that is given before it; put << first"));
        }
        merged.insert(key.clone());
        members.insert(key, value);
    }
    Ok(())
}

/// The name of a tag of YAML itself (`!!str` gives `str`).
fn core_tag(tag: Option<&Tag>) -> Result<Option<String>, String> {
    match tag {
        None => Ok(None),
        Some(tag) if tag.is_yaml_core_schema() => Ok(Some(tag.suffix.clone())),
        Some(tag) => Err(format!("the tag {}{} has no meaning in data", tag.handle, tag.suffix)),
    }
}

fn expect_tag(tag: Option<&Tag>, expected: &str) -> Result<(), String> {
    match core_tag(tag)? {
        Some(other) if other != expected => Err(format!("the tag !!{other} has no meaning here")),
        _ => Ok(()),
    }
}
