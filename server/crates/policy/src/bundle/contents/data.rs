//! `data.json` and `data.yaml` of all folders as one tree: each at the path of its folder, none replacing another.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::super::document::Document;
use super::super::{Error, manifest};

/// The merged data, remembering which file said what.
#[derive(Default)]
pub(super) struct Tree {
    top: BTreeMap<String, Node>,
}

/// Objects merge, all else belongs to one file.
enum Node {
    Map { members: BTreeMap<String, Node>, from: String },
    Leaf { document: Document, from: String },
}

impl Tree {
    /// Adds a data file; where it lies says where its content goes.
    pub(super) fn add(&mut self, path: &str, document: Document) -> Result<(), Error> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        // As OPA does: the dots that hide a folder are not part of the name in data.
        let folder = folder.trim_start_matches(['.', '/']);
        let mut document = document;
        for name in folder.rsplit('/').filter(|name| !name.is_empty()) {
            document = Document::Map(BTreeMap::from([(name.to_owned(), document)]));
        }
        let Document::Map(members) = document else {
            let why = format!("it is {}, and data at the top of a bundle is an object", document.kind());
            return Err(Error::file(path, why));
        };
        merge(&mut self.top, members, path, "")
    }

    /// Every value must lie below a root; objects above a root only lead to it.
    pub(super) fn hold_to(&self, roots: &[String]) -> Result<(), Error> {
        if roots.is_empty() {
            return Ok(());
        }
        self.top.iter().try_for_each(|(key, node)| hold(node, key, roots))
    }

    pub(super) fn into_document(self) -> Document {
        Document::Map(documents(self.top))
    }
}

fn merge(
    into: &mut BTreeMap<String, Node>,
    from: BTreeMap<String, Document>,
    path: &str,
    at: &str,
) -> Result<(), Error> {
    for (key, document) in from {
        let at = format!("{at}/{key}");
        match into.entry(key) {
            Entry::Vacant(place) => drop(place.insert(node(document, path))),
            Entry::Occupied(mut place) => match (place.get_mut(), document) {
                (Node::Map { members, .. }, Document::Map(added)) => merge(members, added, path, &at)?,
                (Node::Map { from, .. } | Node::Leaf { from, .. }, _) => {
                    return Err(Error::Conflict { first: from.clone(), second: path.to_owned(), at });
                }
            },
        }
    }
    Ok(())
}

fn node(document: Document, from: &str) -> Node {
    let from = from.to_owned();
    match document {
        Document::Map(members) => {
            let members = members.into_iter().map(|(key, document)| (key, node(document, &from))).collect();
            Node::Map { members, from }
        }
        document => Node::Leaf { document, from },
    }
}

fn documents(members: BTreeMap<String, Node>) -> BTreeMap<String, Document> {
    let document = |node| match node {
        Node::Map { members, .. } => Document::Map(documents(members)),
        Node::Leaf { document, .. } => document,
    };
    members.into_iter().map(|(key, node)| (key, document(node))).collect()
}

fn hold(node: &Node, at: &str, roots: &[String]) -> Result<(), Error> {
    if roots.iter().any(|root| manifest::covers(root, at)) {
        return Ok(());
    }
    match node {
        Node::Map { members, .. } if roots.iter().any(|root| manifest::covers(at, root)) => {
            members.iter().try_for_each(|(key, node)| hold(node, &format!("{at}/{key}"), roots))
        }
        Node::Map { from, .. } | Node::Leaf { from, .. } => {
            let what = format!("data at /{at}");
            Err(Error::OutsideRoots { path: from.clone(), what, roots: roots.join(", ") })
        }
    }
}
