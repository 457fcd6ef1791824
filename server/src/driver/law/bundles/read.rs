//! The bytes of a bundle: a folder or archive on disk or in a tree, or what was last downloaded.

use std::fs;
use std::path::Path;

use config::BundlePlace;
use policy::bundle::{self, MAX_FILES, MAX_TOTAL_BYTES, Raw};
use repo::{Content, TreeView};

use super::{Kept, Place};
use crate::driver::Inner;

/// Folders below a bundle's.
const MOST_DEPTH: usize = 32;

/// The error reads on after "cannot be used: ".
pub(super) fn raw(inner: &Inner, at: &Place<'_>) -> Result<Raw, String> {
    match (at.named, at.tree) {
        (BundlePlace::Url(_), _) => {
            let archive = Kept::at(&inner.places.cache, &at.key()).archive();
            let archive = archive.map_err(|_| "it was never read; `aspm-lsp policy pull` reads it".to_owned())?;
            bundle::unpack(&archive).map_err(|error| error.to_string())
        }
        (BundlePlace::Path(path), Some(tree)) => in_tree(tree, path),
        (BundlePlace::Path(_), None) => on_disk(&at.absolute()),
    }
}

/// A folder or archive on disk.
pub(crate) fn on_disk(path: &Path) -> Result<Raw, String> {
    let facts = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if facts.is_file() {
        if facts.len() > MAX_TOTAL_BYTES as u64 {
            return Err(format!("it has more than {} MiB", MAX_TOTAL_BYTES >> 20));
        }
        let archive = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        return bundle::unpack(&archive).map_err(|error| error.to_string());
    }
    let mut files = Vec::new();
    let mut total = 0;
    folder(path, "", 0, &mut files, &mut total)?;
    Raw::from_files(files).map_err(|error| error.to_string())
}

fn folder(
    top: &Path,
    below: &str,
    depth: usize,
    files: &mut Vec<(String, Vec<u8>)>,
    total: &mut u64,
) -> Result<(), String> {
    let here = top.join(below);
    let failed = |error: std::io::Error| format!("{}: {error}", here.display());
    if depth > MOST_DEPTH {
        return Err(format!("{} lies too deep", here.display()));
    }
    let mut entries = fs::read_dir(&here).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            return Err(format!("{} holds a name that is not UTF-8", here.display()));
        };
        let inside = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            if name != ".git" {
                folder(top, &inside, depth + 1, files, total)?;
            }
        } else if kind.is_file() {
            *total += entry.metadata().map_err(failed)?.len();
            if *total > MAX_TOTAL_BYTES as u64 || files.len() >= MAX_FILES {
                return Err(format!("it has more than {} MiB or {MAX_FILES} files", MAX_TOTAL_BYTES >> 20));
            }
            files.push((inside, fs::read(entry.path()).map_err(failed)?));
        }
        // A link may lead anywhere: it is no part of a bundle.
    }
    Ok(())
}

/// A folder or archive of a commit.
fn in_tree(tree: &TreeView, path: &Path) -> Result<Raw, String> {
    let path = path.to_string_lossy().replace('\\', "/");
    let path = path.trim_end_matches('/');
    let not_text = |path: &str| format!("{path} cannot be read from git");
    if std::path::Path::new(path).extension().is_some_and(|extension| extension == "gz") {
        let archive = tree.bytes(path, MAX_TOTAL_BYTES).map_err(|error| error.to_string())?;
        let archive = archive.ok_or_else(|| "it is not there before this change".to_owned())?;
        return bundle::unpack(&archive).map_err(|error| error.to_string());
    }
    let listing = tree.list(500_000).map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    for file in &listing.files {
        let Some(inside) = file.path.strip_prefix(path).and_then(|rest| rest.strip_prefix('/')) else { continue };
        if files.len() >= MAX_FILES {
            return Err(format!("it has more than {MAX_FILES} files"));
        }
        match tree.read(&file.path) {
            Ok(Content::Text(text)) => files.push((inside.to_owned(), text.as_bytes().to_vec())),
            Ok(_) => return Err(not_text(&file.path)),
            Err(error) => return Err(error.to_string()),
        }
    }
    if files.is_empty() {
        return Err("it is not there before this change".to_owned());
    }
    Raw::from_files(files).map_err(|error| error.to_string())
}
