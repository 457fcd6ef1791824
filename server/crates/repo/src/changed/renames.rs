//! Files that went, paired with files that came.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use gix::ObjectId;

use super::{After, ChangeKind, Differences, PathChange};
use crate::content;
use crate::files::{self, Read};
use crate::{Error, MAX_TEXT, Renamed};

/// Files that came, whose text is compared with each one that went.
const CANDIDATES: usize = 60;
/// Files that went, for which texts are compared at all.
const MOST_REMOVED: usize = 200;
/// Bytes of text kept for comparing.
const MOST_BYTES: usize = 32 << 20;

type Text = (Arc<str>, Arc<str>);
type Removed = Vec<(Arc<str>, ObjectId)>;
type Added = Vec<(Arc<str>, After)>;

/// The changes, sorted by path, with renames found by the same blob first, then by what `renamed` says.
pub(super) fn pair(
    repo: &gix::Repository,
    root: &Path,
    differences: Differences,
    renamed: Renamed<'_>,
) -> Result<Vec<PathChange>, Error> {
    let mut changes = Vec::new();
    let mut removed = Removed::new();
    let mut added = Added::new();
    for (path, file) in differences {
        match (file.before, file.after) {
            (Some(before), After::Gone) => removed.push((path, before)),
            (None, After::Gone) => {}
            (None, after) => added.push((path, after)),
            (Some(before), after) => changes.push(change(ChangeKind::Modified, path, Some(before), after)),
        }
    }
    by_blob(&mut removed, &mut added, &mut changes);
    by_text(repo, root, &mut removed, &mut added, renamed, &mut changes)?;
    changes.extend(removed.into_iter().map(|(path, id)| change(ChangeKind::Deleted, path, Some(id), After::Gone)));
    changes.extend(added.into_iter().map(|(path, after)| change(ChangeKind::Added, path, None, after)));
    changes.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

fn by_blob(removed: &mut Removed, added: &mut Added, changes: &mut Vec<PathChange>) {
    if removed.is_empty() || added.is_empty() {
        return;
    }
    let mut same: HashMap<ObjectId, Vec<Arc<str>>> = HashMap::new();
    for (path, id) in removed.iter() {
        same.entry(*id).or_default().push(path.clone());
    }
    let mut paired = HashSet::new();
    added.retain(|(path, after)| {
        let After::Blob(id) = after else { return true };
        let Some(sources) = same.get_mut(id).filter(|sources| !sources.is_empty()) else { return true };
        // Copies are many where a file is empty or a licence: the same name tells them apart.
        let at = sources.iter().position(|source| name(source) == name(path)).unwrap_or(0);
        let from = sources.swap_remove(at);
        paired.insert(from.clone());
        changes.push(change(ChangeKind::Renamed { from }, path.clone(), Some(*id), *after));
        false
    });
    removed.retain(|(path, _)| !paired.contains(path));
}

fn by_text(
    repo: &gix::Repository,
    root: &Path,
    removed: &mut Removed,
    added: &mut Added,
    renamed: Renamed<'_>,
    changes: &mut Vec<PathChange>,
) -> Result<(), Error> {
    if removed.is_empty() || added.is_empty() {
        return Ok(());
    }
    let mut bytes_left = MOST_BYTES;
    let mut texts: HashMap<Arc<str>, Option<Arc<str>>> = HashMap::new();
    let mut unpaired = Vec::new();
    for (number, (path, id)) in std::mem::take(removed).into_iter().enumerate() {
        let old = if number < MOST_REMOVED { text_of(repo, id)? } else { None };
        let Some(old) = old else {
            unpaired.push((path, id));
            continue;
        };
        let unlikeness = |other: &str| (extension(&path) != extension(other), name(&path) != name(other));
        added.sort_by_cached_key(|(other, _)| (unlikeness(other), other.clone()));
        let mut candidates: Vec<Text> = Vec::new();
        for (other, after) in added.iter().take(CANDIDATES) {
            let text = match texts.get(other) {
                Some(known) => known.clone(),
                None if bytes_left == 0 => None,
                None => {
                    let text = text_now(repo, root, other, *after)?;
                    bytes_left = bytes_left.saturating_sub(text.as_ref().map_or(0, |text| text.len()));
                    texts.insert(other.clone(), text.clone());
                    text
                }
            };
            candidates.extend(text.map(|text| (other.clone(), text)));
        }
        let found = renamed((&path, &old), &candidates).and_then(|at| candidates.get(at));
        match found.and_then(|(to, _)| added.iter().position(|(other, _)| other == to)) {
            Some(at) => {
                let (to, after) = added.swap_remove(at);
                changes.push(change(ChangeKind::Renamed { from: path }, to, Some(id), after));
            }
            None => unpaired.push((path, id)),
        }
    }
    *removed = unpaired;
    Ok(())
}

fn change(kind: ChangeKind, path: Arc<str>, before: Option<ObjectId>, after: After) -> PathChange {
    let after = match after {
        After::Blob(id) => Some(id.to_string()),
        After::Gone | After::Unknown => None,
    };
    PathChange { kind, path, before: before.map(|id| id.to_string()), after }
}

fn text_of(repo: &gix::Repository, id: ObjectId) -> Result<Option<Arc<str>>, Error> {
    Ok(content::of_blob(repo, id)?.decoded())
}

/// A blob that is in no commit and no index is a file on disk.
fn text_now(repo: &gix::Repository, root: &Path, path: &str, after: After) -> Result<Option<Arc<str>>, Error> {
    let After::Blob(id) = after else { return Ok(None) };
    if let Some(text) = text_of(repo, id)? {
        return Ok(Some(text));
    }
    Ok(files::read(root, path, MAX_TEXT).ok().and_then(Read::decoded).map(Into::into))
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn extension(path: &str) -> &str {
    name(path).rsplit_once('.').map_or("", |(_, extension)| extension)
}
