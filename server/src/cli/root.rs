//! Which folder a command is about.

use std::path::{Path, PathBuf};

use super::Usage;

/// The folder, and why this one.
#[derive(Debug, Clone)]
pub(super) struct Root {
    pub(super) path: PathBuf,
    pub(super) why: &'static str,
}

/// The given folder, else the nearest one up from here that has `aspm.toml` or `.git`, else this one.
pub(super) fn find(given: Option<&Path>) -> anyhow::Result<Root> {
    let here = std::env::current_dir()
        .map_err(|error| Usage(format!("the current folder cannot be used: {error}; name one with --root DIR")))?;
    if let Some(given) = given {
        let path = here.join(given);
        if !path.is_dir() {
            return Err(Usage(format!("--root {}: there is no such folder", given.display())).into());
        }
        return Ok(Root { path: tidy(&path), why: "given by --root" });
    }
    let marks = [
        (config::FILE_NAME, "the nearest folder up from here with aspm.toml"),
        (".git", "the nearest folder up from here with .git"),
    ];
    let found = here
        .ancestors()
        .find_map(|folder| marks.iter().find(|(mark, _)| folder.join(mark).exists()).map(|(_, why)| (folder, *why)));
    Ok(match found {
        Some((path, why)) => Root { path: path.to_path_buf(), why },
        None => Root { path: here, why: "this folder: none above has aspm.toml or .git" },
    })
}

/// Without `.` and, where no link is in the way, `..`.
pub(super) fn tidy(path: &Path) -> PathBuf {
    if path.components().any(|part| part == std::path::Component::ParentDir) {
        return std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    }
    path.components().collect()
}

/// The paths relative to the root, `/`-separated; empty for the root itself.
pub(super) fn below(root: &Path, paths: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let here = std::env::current_dir()?;
    let physical = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    paths
        .iter()
        .map(|path| {
            let absolute = tidy(&here.join(path));
            let inner = absolute
                .strip_prefix(root)
                .map(Path::to_path_buf)
                .or_else(|_| physical(&absolute).strip_prefix(physical(root)).map(Path::to_path_buf));
            let Ok(inner) = inner else {
                return Err(Usage(format!("{} is not below {}", path.display(), root.display())).into());
            };
            Ok(inner.to_string_lossy().replace('\\', "/"))
        })
        .collect()
}
