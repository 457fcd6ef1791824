//! Workspace files by base name; each group sorted from the last component to the first, so that the files sharing the
//! longest suffix with a path stand side by side.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// Whether letter case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    AsWritten,
    Folded,
}

/// The workspace's files.
pub(super) struct FileIndex<'a> {
    files: &'a [Arc<str>],
    by_name: HashMap<&'a str, Group>,
    /// Lower-cased names; built when the first path is not found as written.
    by_folded_name: Option<HashMap<String, Group>>,
}

#[derive(Default)]
struct Group {
    files: Vec<usize>,
    sorted: bool,
}

impl<'a> FileIndex<'a> {
    pub(super) fn new(files: &'a [Arc<str>]) -> Self {
        let mut by_name: HashMap<&str, Group> = HashMap::with_capacity(files.len());
        for (at, file) in files.iter().enumerate() {
            by_name.entry(base_name(file)).or_default().files.push(at);
        }
        Self { files, by_name, by_folded_name: None }
    }

    pub(super) fn exact(&self, path: &str) -> Option<usize> {
        self.files.binary_search_by(|file| (**file).cmp(path)).ok()
    }

    pub(super) fn path(&self, file: usize) -> &'a str {
        &self.files[file]
    }

    pub(super) fn file(&self, file: usize) -> Arc<str> {
        self.files[file].clone()
    }

    /// The files that share the most trailing components with `parts`, and how many.
    pub(super) fn longest_suffix(&mut self, parts: &[String], letters: Letters) -> (Vec<usize>, usize) {
        let files = self.files;
        let Some(name) = parts.last() else { return (Vec::new(), 0) };
        let group = match letters {
            Letters::AsWritten => self.by_name.get_mut(name.as_str()),
            Letters::Folded => self
                .by_folded_name
                .get_or_insert_with(|| {
                    let mut folded: HashMap<String, Group> = HashMap::with_capacity(files.len());
                    for (at, file) in files.iter().enumerate() {
                        folded.entry(base_name(file).to_lowercase()).or_default().files.push(at);
                    }
                    folded
                })
                .get_mut(&name.to_lowercase()),
        };
        let Some(group) = group else { return (Vec::new(), 0) };
        if !group.sorted {
            group.files.sort_by(|&a, &b| compare(files[a].rsplit('/'), files[b].rsplit('/'), letters));
            group.sorted = true;
        }
        let wanted = || parts.iter().rev().map(String::as_str);
        let at = group.files.partition_point(|&file| compare(files[file].rsplit('/'), wanted(), letters).is_lt());
        let shared = |file: usize| {
            files[file].rsplit('/').zip(wanted()).take_while(|(a, b)| compare_part(a, b, letters).is_eq()).count()
        };
        let neighbours = [at.checked_sub(1), Some(at)];
        let most = neighbours.iter().flatten().filter_map(|&at| group.files.get(at)).map(|&file| shared(file)).max();
        let Some(most) = most else { return (Vec::new(), 0) };
        let first = group.files[..at].partition_point(|&file| shared(file) < most);
        let behind = at + group.files[at..].partition_point(|&file| shared(file) == most);
        (group.files[first..behind].to_vec(), most)
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn compare<'s>(
    mut a: impl Iterator<Item = &'s str>,
    mut b: impl Iterator<Item = &'s str>,
    letters: Letters,
) -> Ordering {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => match compare_part(a, b, letters) {
                Ordering::Equal => {}
                decided => return decided,
            },
        }
    }
}

fn compare_part(a: &str, b: &str, letters: Letters) -> Ordering {
    match letters {
        Letters::AsWritten => a.cmp(b),
        Letters::Folded => {
            let lower = |text: &'_ str| text.chars().flat_map(char::to_lowercase).collect::<String>();
            if a == b { Ordering::Equal } else { lower(a).cmp(&lower(b)) }
        }
    }
}
