//! Findings whose files nobody can find here: told, and where that is all that a tool said, nobody can say anything.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use engine::{HomeNote, Root};
use finding::{Kind, StatusValue};

use crate::driver::Driver;
use crate::driver::law::{Submodule, Update};

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

/// What is to be said.
#[derive(Default)]
pub(super) struct Unmapped {
    pub(super) notices: Vec<String>,
    pub(super) undecided: Vec<String>,
    /// Undecided also where no file of this repository is changed.
    pub(super) submodules: Vec<String>,
}

/// Open findings of files that neither this tree nor one before it has. Of a tool that names no other files a wrong
/// mapping is likelier than a clean tree.
pub(super) fn told(driver: &Driver, root: &Root) -> Unmapped {
    let mut told = Unmapped::default();
    let missing: HashSet<(usize, &str)> = root
        .groups
        .values()
        .filter(|group| matches!(group.note, HomeNote::Missing(_)))
        .flat_map(|group| group.scanned.iter().map(|scanned| (scanned.source, &*scanned.path)))
        .collect();
    if missing.is_empty() {
        return told;
    }
    let paths: BTreeSet<&str> = missing.iter().map(|(_, path)| *path).collect();
    let inside: HashMap<&str, Submodule> =
        paths.into_iter().filter_map(|path| Some((path, driver.submodule_of(&root.path, path)?))).collect();
    told.of_submodules(root, &inside);
    for (at, source) in root.sources.iter().enumerate() {
        for (tool, count) in counted(&source.index, &inside, |path| missing.contains(&(at, path))) {
            let Some(example) = count.example else { continue };
            let (name, example) = (&source.name, crate::present::safe::line(example));
            let all = count.unmapped + count.mapped;
            if count.mapped == 0 && count.is_of_files {
                told.undecided.push(format!(
                    "None of the files that {tool} names in source \"{name}\" is in this tree, such as {example}: its \
                     findings ({all}) cannot be judged. Say in aspm.toml where its paths lie ([[path_map]] from = \
                     \"/build/src\", to = \"src\"), or take the log out if it is of something else."
                ));
            } else {
                let unmapped = count.unmapped;
                told.notices.push(format!(
                    "{unmapped} of {all} findings of {tool} in source \"{name}\" name files that this tree does not have, \
                     such as {example}, and could not be judged. If they are files of this tree, say in aspm.toml where \
                     they lie: [[path_map]]."
                ));
            }
        }
    }
    told
}

impl Unmapped {
    fn of_submodules(&mut self, root: &Root, inside: &HashMap<&str, Submodule>) {
        let mut counts: BTreeMap<&Submodule, usize> = BTreeMap::new();
        for source in root.sources.iter() {
            for (path, submodule) in inside {
                let open = source.index.of_path(path).iter().filter(|row| row.status == StatusValue::Open).count();
                *counts.entry(submodule).or_default() += open;
            }
        }
        for (Submodule { path, update }, open) in counts.into_iter().filter(|(_, open)| *open > 0) {
            let (name, findings) = (crate::present::safe::line(path), if open == 1 { "finding" } else { "findings" });
            match update {
                Update::Set => self.submodules.push(format!(
                    "This change sets the submodule {name}, in which {open} {findings} are known, to another commit: what \
                     that brings is not judged here. Run the gate in {name}: aspm-lsp check --root {name}."
                )),
                Update::None => self.notices.push(format!(
                    "{open} {findings} in the submodule {name}, which this change leaves as it was, are judged in its own \
                     repository."
                )),
                Update::Removed => {}
            }
        }
    }
}

/// Open findings of files by tool, those in submodules aside.
fn counted<'i>(
    index: &'i finding::Index,
    inside: &HashMap<&str, Submodule>,
    is_missing: impl Fn(&str) -> bool,
) -> BTreeMap<&'i str, Count<'i>> {
    let mut counts: BTreeMap<&str, Count<'_>> = BTreeMap::new();
    let mut last = ("", false);
    for row in index.rows() {
        let path = index.path(row);
        if path.is_empty() || inside.contains_key(path) || row.status != StatusValue::Open {
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
