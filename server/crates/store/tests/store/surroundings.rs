//! Folders and files that cannot be used: opening works all the same, in memory, and says why.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::support::{fill, key, open, plain_ones};
use aspm_store::{Opened, Store};
use rusqlite::Connection;

/// Opens a store that must be in memory, checks that it works, and hands out its only notice.
fn in_memory(folder: &Path) -> String {
    let Opened { mut store, notices } = Store::open(folder, &key());
    assert_eq!(store.path(), None);
    fill(&mut store, &plain_ones(3, "x"));
    assert_eq!(store.load_index().unwrap().1.rows().len(), 3);
    assert!(store.try_lock_sync().is_some());
    assert_eq!(notices.len(), 1, "{notices:?}");
    let notice = notices.into_iter().next().unwrap();
    assert!(notice.starts_with("Findings are kept in memory for this session only, because"), "{notice}");
    notice
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn database(folder: &Path) -> PathBuf {
    open(folder).path().unwrap().to_owned()
}

#[test]
fn folder_and_files_are_private_from_the_start() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deep/cache");
    let mut store = open(&folder);
    fill(&mut store, &plain_ones(3, "x"));
    let _lock = store.try_lock_sync();
    assert_eq!(mode(&folder), 0o700);
    let mut files = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        files += 1;
    }
    assert!(files >= 5, "database, -wal, -shm and two locks, not {files}");
}

#[test]
fn a_folder_or_file_that_others_may_read_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    database(folder.path());
    assert_eq!((mode(folder.path()), mode(&path)), (0o700, 0o600));
}

#[test]
fn a_linked_folder_is_not_followed() {
    let parent = tempfile::tempdir().unwrap();
    let (link, target) = (parent.path().join("link"), tempfile::tempdir().unwrap());
    symlink(target.path(), &link).unwrap();
    assert!(in_memory(&link).contains("is a symbolic link"));
}

#[test]
fn a_linked_database_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let target = elsewhere.path().join("target.db");
    fs::rename(&path, &target).unwrap();
    symlink(&target, &path).unwrap();
    assert!(in_memory(folder.path()).contains("is not a plain file"));
}

#[test]
fn a_folder_under_a_linked_one_is_fine() {
    let parent = tempfile::tempdir().unwrap();
    let (link, target) = (parent.path().join("home"), tempfile::tempdir().unwrap());
    symlink(target.path(), &link).unwrap();
    open(&link.join("cache"));
}

#[test]
fn a_file_where_the_folder_should_be_is_left_alone() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("cache");
    fs::write(&path, "mine").unwrap();
    in_memory(&path);
    assert_eq!(fs::read_to_string(path).unwrap(), "mine");
}

#[test]
fn a_folder_of_another_user_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    if std::os::unix::fs::chown(folder.path(), Some(65_534), None).is_err() {
        eprintln!("skipped: giving a folder away takes root");
        return;
    }
    assert!(in_memory(folder.path()).contains("belongs to another user"));
}

#[test]
fn a_folder_that_cannot_be_written_is_worked_around() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(folder.path().join("probe"), "").is_ok() {
        eprintln!("skipped: this user may write into read-only folders");
        return;
    }
    assert!(in_memory(folder.path()).contains("denied"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_exist_is_worked_around() {
    assert!(in_memory(Path::new("/proc/self/aspm")).contains("could not be created"));
}

#[test]
fn the_file_of_a_newer_version_stays_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let before = fs::read(&path).unwrap();
    let notice = in_memory(folder.path());
    assert!(notice.contains("newer version of this program (format 999)"), "{notice}");
    assert!(fs::read(&path).unwrap() == before, "the file was written to");
}
