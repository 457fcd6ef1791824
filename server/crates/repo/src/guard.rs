//! What must hold of a git directory before the library may open it.
//!
//! The library reads `HEAD`, `config` and a few others whole and blocking. In an unpacked archive such a "file" can be
//! a pipe (a read that never ends) or gigabytes; on Windows a path in one of them can name a share of another machine
//! (a read that sends the user's credentials there).

use std::path::{Path, PathBuf};

const MAX_SMALL_FILE: u64 = 1 << 20;
const MAX_REFS_FILE: u64 = 256 << 20;

/// The two folders of a repository. They differ in a linked work tree only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GitDirs {
    /// Holds this work tree's `HEAD` and index.
    pub(crate) private: PathBuf,
    /// Holds objects, branches and the configuration.
    pub(crate) common: PathBuf,
}

/// Resolves `dot_git` (a folder, or a file that points to one) and checks what opening it would read.
/// `Ok(None)`: no git directory there. `Err`: what is wrong with it.
pub(crate) fn inspect(dot_git: &Path) -> Result<Option<GitDirs>, String> {
    let Ok(meta) = std::fs::metadata(dot_git) else { return Ok(None) };
    let private = if meta.is_dir() {
        dot_git.to_path_buf()
    } else {
        let Some(text) = small_text(dot_git)? else { return Ok(None) };
        let Some(target) = text.strip_prefix("gitdir:") else { return Ok(None) };
        relative_to(dot_git.parent(), target)?
    };
    if small_text(&private.join("HEAD"))?.is_none() {
        return Ok(None);
    }
    let common = match small_text(&private.join("commondir"))? {
        Some(text) => relative_to(Some(&private), &text)?,
        None => private.clone(),
    };
    for file in [private.join("config.worktree"), common.join("config"), common.join("shallow")] {
        check(&file, MAX_SMALL_FILE)?;
    }
    check(&common.join("packed-refs"), MAX_REFS_FILE)?;
    if let Some(text) = small_text(&common.join("objects/info/alternates"))? {
        for line in text.lines() {
            relative_to(Some(&common), line)?;
        }
    }
    Ok(Some(GitDirs { private, common }))
}

/// `path` is a regular file of at most `limit` bytes, or is not there.
pub(crate) fn check(path: &Path, limit: u64) -> Result<(), String> {
    match std::fs::metadata(path) {
        Ok(meta) if !meta.is_file() => Err(format!("{} is not a regular file", path.display())),
        Ok(meta) if meta.len() > limit => {
            Err(format!("{} has {} bytes, more than {limit}", path.display(), meta.len()))
        }
        _ => Ok(()),
    }
}

/// The text of a small file, lossy; `None` when it is not there or cannot be read.
fn small_text(path: &Path) -> Result<Option<String>, String> {
    check(path, MAX_SMALL_FILE)?;
    Ok(std::fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn relative_to(base: Option<&Path>, target: &str) -> Result<PathBuf, String> {
    let target = target.trim();
    if cfg!(windows) && names_another_machine(target) {
        return Err(format!("it points to {target}, on another machine"));
    }
    Ok(base.unwrap_or(Path::new("")).join(target))
}

/// Whether Windows would take `target` for a share (`\\server\share`, `//server/share`) or a device path.
fn names_another_machine(target: &str) -> bool {
    let mut start = target.chars().take(2);
    matches!((start.next(), start.next()), (Some('/' | '\\'), Some('/' | '\\')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_device_paths_name_another_machine_and_drives_do_not() {
        for (target, expected) in [
            (r"\\evil\share\.git", true),
            ("//evil/share/.git", true),
            (r"/\evil\share", true),
            (r"\\?\UNC\evil\share", true),
            (r"C:\work\.git", false),
            ("/home/me/.git", false),
            ("../x/.git", false),
            ("", false),
        ] {
            assert_eq!(names_another_machine(target), expected, "{target}");
        }
    }

    #[test]
    fn a_folder_without_head_is_no_git_directory_and_a_huge_head_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let dot_git = dir.path().join(".git");
        assert_eq!(inspect(&dot_git), Ok(None));
        std::fs::create_dir(&dot_git).unwrap();
        assert_eq!(inspect(&dot_git), Ok(None));
        std::fs::File::create(dot_git.join("HEAD")).unwrap().set_len(MAX_SMALL_FILE + 1).unwrap();
        assert!(inspect(&dot_git).unwrap_err().contains("HEAD has 1048577 bytes"));
    }

    #[test]
    fn a_dot_git_file_that_points_nowhere_is_no_git_directory() {
        let dir = tempfile::tempdir().unwrap();
        for text in ["gitdir: ./missing\n", "something else", ""] {
            std::fs::write(dir.path().join(".git"), text).unwrap();
            assert_eq!(inspect(&dir.path().join(".git")), Ok(None), "{text}");
        }
    }
}
