//! Where placements are, as the client counts.

use std::ops::Range as Bytes;

use engine::{FileRef, Snapshot};
use finding::Placement;
use lsp_types::{Location, Position, Range};

use super::position::{self, Encoding};
use super::session::uri_of;
use crate::report::texts::{Text, Texts};

/// Of bytes; without any, about the whole file: its first line, which is where editors look for such things.
pub(crate) fn range(text: &Text, bytes: Option<&Bytes<usize>>, encoding: Encoding) -> Range {
    match bytes {
        Some(bytes) => position::range(&text.text, &text.lines, bytes, encoding),
        None => Range { start: Position { line: 0, character: 0 }, end: Position { line: 0, character: 0 } },
    }
}

/// `None` for what is on no code.
pub(crate) fn location(
    snapshot: &Snapshot,
    texts: &mut Texts<'_>,
    placement: &Placement,
    encoding: Encoding,
) -> Option<Location> {
    let path = placement.path.as_ref().filter(|_| placement.state.is_on_code())?;
    let uri = uri_of(snapshot, &FileRef { root: texts.root(), path: path.clone() })?;
    let range = range(texts.of(path)?, placement.range.as_ref(), encoding);
    Some(Location { uri, range })
}
