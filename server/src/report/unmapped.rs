//! Findings whose files nobody can find here: told, and where that is all that a tool said, nobody can say anything.

use std::collections::{BTreeMap, HashSet};

use engine::{HomeNote, Root};
use finding::{Kind, StatusValue};

/// What one tool of one source says of files.
#[derive(Default)]
struct Count<'r> {
    mapped: usize,
    unmapped: usize,
    /// It reports on the files of a tree; what stands in an image has paths of its own.
    is_of_files: bool,
    /// A path that fits no file, the first by name.
    example: Option<&'r str>,
}

/// Notices about open findings of files that neither this tree nor one before it has. Of a tool that names no other
/// files a wrong mapping is likelier than a clean tree, and `undecided` says so.
pub(super) fn told(root: &Root, undecided: &mut Vec<String>) -> Vec<String> {
    let missing: HashSet<(usize, &str)> = root
        .groups
        .values()
        .filter(|group| matches!(group.note, HomeNote::Missing(_)))
        .flat_map(|group| group.scanned.iter().map(|scanned| (scanned.source, &*scanned.path)))
        .collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let mut notices = Vec::new();
    for (at, source) in root.sources.iter().enumerate() {
        for (tool, count) in counted(&source.index, |path| missing.contains(&(at, path))) {
            let Some(example) = count.example else { continue };
            let (name, example) = (&source.name, crate::present::safe::line(example));
            let all = count.unmapped + count.mapped;
            if count.mapped == 0 && count.is_of_files {
                undecided.push(format!(
                    "None of the files that {tool} names in source \"{name}\" is in this tree, such as {example}: its \
                     findings ({all}) cannot be judged. Say in aspm.toml where its paths lie ([[path_map]] from = \
                     \"/build/src\", to = \"src\"), or take the log out if it is of something else."
                ));
            } else {
                let unmapped = count.unmapped;
                notices.push(format!(
                    "{unmapped} of {all} findings of {tool} in source \"{name}\" name files that this tree does not have, \
                     such as {example}, and could not be judged. If they are files of this tree, say in aspm.toml where \
                     they lie: [[path_map]]."
                ));
            }
        }
    }
    notices
}

/// Open findings of files by tool.
fn counted(index: &finding::Index, is_missing: impl Fn(&str) -> bool) -> BTreeMap<&str, Count<'_>> {
    let mut counts: BTreeMap<&str, Count<'_>> = BTreeMap::new();
    let mut last = ("", false);
    for row in index.rows() {
        let path = index.path(row);
        if path.is_empty() || row.status != StatusValue::Open {
            continue;
        }
        if last.0 != path {
            last = (path, is_missing(path));
        }
        let count = counts.entry(index.tool(row)).or_default();
        count.is_of_files |= matches!(row.kind, Kind::Code | Kind::Secret | Kind::Infrastructure);
        if last.1 {
            count.unmapped += 1;
            count.example.get_or_insert(path);
        } else {
            count.mapped += 1;
        }
    }
    counts
}
