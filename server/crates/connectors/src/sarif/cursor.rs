//! The state of a source as one opaque text: same text, nothing to read.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::discover::{Log, Stamp, stamp};

/// Raised whenever the same logs would give other findings, so that an upgrade reads them again.
const READER: u32 = 2;
/// A cursor comes from the store, which is only a cache: more external files than this are not asked about.
const MOST_EXTERNAL: usize = 10_000;

/// An external file and its stamp when it was opened; `None` when it is not there.
pub(super) type External = (String, Option<Stamp>);

/// Cursor of `logs` and of the external files they were spread over.
pub(super) fn cursor(source: &str, logs: &[Log], external: &[External]) -> String {
    let mut sha = Sha256::new();
    let mut line = |name: &str, facts: String| {
        sha.update((name.len() as u64).to_le_bytes());
        sha.update(name);
        sha.update(facts);
        sha.update([0]);
    };
    line(source, READER.to_string());
    let written = |stamp: &Stamp| format!("{} {} {}", stamp.size, stamp.modified, stamp.inode);
    for Log { name, stamp } in logs {
        line(name, written(stamp));
    }
    for (name, stamp) in external {
        line(name, stamp.as_ref().map_or_else(|| "absent".to_owned(), written));
    }
    let mut out = String::from("sarif:");
    for byte in sha.finalize() {
        let _ = write!(out, "{byte:02x}");
    }
    for (name, _) in external {
        out.push('\n');
        out.push_str(name);
    }
    out
}

/// Whether nothing changed since `previous`: neither `logs` nor the external files that it speaks of.
pub(super) fn is_current(previous: &str, root: &Path, source: &str, logs: &[Log]) -> bool {
    let external: Vec<External> =
        external_of(previous).into_iter().map(|name| (name.to_owned(), stamp(root, name).ok())).collect();
    cursor(source, logs, &external) == previous
}

fn external_of(cursor: &str) -> Vec<&str> {
    let names = cursor.split('\n').skip(1).take(MOST_EXTERNAL);
    names.filter(|name| !name.split(['/', '\\']).any(|part| part == "..")).collect()
}
