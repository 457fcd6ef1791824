//! A damaged file is kept under another name, for who wants to look at it, and out of the way.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::folder::beside;

/// Damaged files kept for one database; older ones go.
const KEPT: u32 = 3;

/// Renames the database with its companions to `NAME.corrupt-N` and says which name it got. Call with the opening lock
/// held, and no connection of this process open.
pub(crate) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let numbers = set_aside_before(path)?;
    let number = numbers.iter().max().map_or(1, |last| last.saturating_add(1));
    let target = beside(path, &format!(".corrupt-{number}"));
    for suffix in ["-wal", "-shm"] {
        match fs::rename(beside(path, suffix), beside(&target, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, &target)?;
    for old in numbers.into_iter().filter(|&old| old.saturating_add(KEPT) <= number) {
        for suffix in ["", "-wal", "-shm"] {
            // Best effort: room, not correctness.
            let _ = fs::remove_file(beside(path, &format!(".corrupt-{old}{suffix}")));
        }
    }
    Ok(target)
}

fn set_aside_before(path: &Path) -> io::Result<Vec<u32>> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(Vec::new());
    };
    let mut numbers: Vec<u32> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?.file_name();
        let number = entry.to_str().and_then(|entry| entry.strip_prefix(name)?.strip_prefix(".corrupt-"));
        numbers.extend(number.and_then(|number| number.parse::<u32>().ok()));
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_few_are_kept_with_their_companions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        for round in 1..=5 {
            fs::write(&path, round.to_string()).unwrap();
            fs::write(beside(&path, "-wal"), "log").unwrap();
            let target = set_aside(&path).unwrap();
            assert_eq!(target, beside(&path, &format!(".corrupt-{round}")));
            assert_eq!(fs::read_to_string(target).unwrap(), round.to_string());
        }
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(
            left,
            [
                "a.db.corrupt-3",
                "a.db.corrupt-3-wal",
                "a.db.corrupt-4",
                "a.db.corrupt-4-wal",
                "a.db.corrupt-5",
                "a.db.corrupt-5-wal"
            ]
        );
    }
}
