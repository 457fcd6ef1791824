//! All files of a work tree that git would not ignore.

use std::fs::symlink_metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ignore::{DirEntry, WalkBuilder};

/// Git does not follow a linked `.gitignore` either; one linked to an endless device would fill the memory.
const MAX_IGNORE_FILE: u64 = 1 << 20;
const MAX_NOTICES: usize = 50;

/// How much to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files.
    pub files: usize,
    /// Levels of folders below the root.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { files: 500_000, depth: 128 }
    }
}

/// The files below a root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Relative to the root, `/` as separator, in byte order.
    pub paths: Vec<Arc<str>>,
    /// Not all files are here: a limit was reached or the walk was cancelled.
    pub truncated: bool,
    /// What was passed by and is not ordinary, one sentence each (at most 50).
    pub skipped: Vec<String>,
}

/// Lists the regular files below `root`: hidden ones too, ignored ones not, links never followed. Folders that are
/// repositories of their own (submodules, nested clones) are not entered when `root` itself lies in a repository.
/// `cancelled` is asked at every entry.
pub fn list(root: &Path, limits: Limits, cancelled: &dyn Fn() -> bool) -> Listing {
    let mut listing = Listing::default();
    let root = match std::fs::canonicalize(root) {
        Ok(physical) => physical,
        Err(error) => {
            listing.skipped.push(format!("{}: {error}", root.display()));
            return listing;
        }
    };
    let repository = root.ancestors().find(|folder| folder.join(".git").exists());
    let filter = Arc::new(Filter {
        root: root.clone(),
        in_repository: repository.is_some(),
        notices: Mutex::default(),
        without_ignore_file: Mutex::default(),
    });
    // The walker reads every `.gitignore` it meets. A folder whose own is unsafe gets a walk that reads none.
    let safe = repository.unwrap_or(&root);
    let safe = root.ancestors().take_while(|folder| folder.starts_with(safe)).all(ignore_file_is_safe);
    if !safe {
        filter.notice(Path::new(""), "its .gitignore is a link or too large and was not used");
    }
    let mut pending = vec![(root.clone(), safe)];
    while let Some((folder, use_ignore_files)) = pending.pop() {
        walk(&folder, use_ignore_files, &filter, limits, cancelled, &mut listing);
        pending.extend(lock(&filter.without_ignore_file).drain(..).map(|folder| (folder, false)));
    }
    listing.paths.sort_unstable();
    listing.skipped = std::mem::take(&mut *lock(&filter.notices));
    listing
}

fn walk(
    folder: &Path,
    use_ignore_files: bool,
    filter: &Arc<Filter>,
    limits: Limits,
    cancelled: &dyn Fn() -> bool,
    listing: &mut Listing,
) {
    let depth_here = folder.strip_prefix(&filter.root).map_or(0, |path| path.components().count());
    let mut builder = WalkBuilder::new(folder);
    builder
        .current_dir(&filter.root)
        .standard_filters(false)
        .git_ignore(use_ignore_files)
        .git_exclude(use_ignore_files && symlink_safe(&filter.root.join(".git/info/exclude")))
        .parents(use_ignore_files && filter.in_repository)
        .require_git(filter.in_repository)
        .max_depth(Some(limits.depth.saturating_sub(depth_here).saturating_add(1)));
    let gate = Arc::clone(filter);
    builder.filter_entry(move |entry| gate.admits(entry, use_ignore_files));
    for entry in builder.build() {
        if cancelled() {
            listing.truncated = true;
            return;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                filter.notice(folder.strip_prefix(&filter.root).unwrap_or(folder), &error.to_string());
                continue;
            }
        };
        let Ok(relative) = entry.path().strip_prefix(&filter.root) else { continue };
        if entry.file_type().is_some_and(|kind| kind.is_dir()) && relative.components().count() > limits.depth {
            listing.truncated = true;
        }
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        let Some(path) = with_slashes(relative) else {
            filter.notice(relative, "its name is not UTF-8, so no finding can be placed in it");
            continue;
        };
        if listing.paths.len() >= limits.files {
            listing.truncated = true;
            return;
        }
        listing.paths.push(path);
    }
}

/// What the walker asks before it enters a folder, and where the answers' notices gather.
struct Filter {
    root: PathBuf,
    in_repository: bool,
    notices: Mutex<Vec<String>>,
    without_ignore_file: Mutex<Vec<PathBuf>>,
}

impl Filter {
    fn admits(&self, entry: &DirEntry, use_ignore_files: bool) -> bool {
        if entry.file_name() == ".git" {
            return false;
        }
        if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
            return true;
        }
        let relative = entry.path().strip_prefix(&self.root).unwrap_or(entry.path());
        if self.in_repository && symlink_metadata(entry.path().join(".git")).is_ok() {
            self.notice(relative, "a repository of its own (a submodule?), not listed");
            return false;
        }
        if use_ignore_files && !ignore_file_is_safe(entry.path()) {
            self.notice(relative, "its .gitignore is a link or too large and was not used");
            lock(&self.without_ignore_file).push(entry.path().to_path_buf());
            return false;
        }
        true
    }

    fn notice(&self, path: &Path, what: &str) {
        let mut notices = lock(&self.notices);
        if notices.len() < MAX_NOTICES {
            let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
            notices.push(format!("{}: {what}", path.display()));
        }
    }
}

fn ignore_file_is_safe(folder: &Path) -> bool {
    symlink_safe(&folder.join(".gitignore"))
}

fn symlink_safe(file: &Path) -> bool {
    symlink_metadata(file).map_or(true, |meta| meta.is_file() && meta.len() <= MAX_IGNORE_FILE)
}

fn with_slashes(relative: &Path) -> Option<Arc<str>> {
    let text = relative.to_str()?;
    Some(if cfg!(windows) { text.replace('\\', "/").into() } else { text.into() })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
