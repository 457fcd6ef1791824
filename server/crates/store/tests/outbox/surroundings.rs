//! Folders and disks that cannot be used: the user hears so, and nothing is queued where it would be lost.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{all, claim, entry, open};
use aspm_store::outbox::{Outbox, OutboxError};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Opens an outbox that cannot be used, and hands it out with the only notice.
fn unusable(folder: &Path) -> (Outbox, String) {
    let opened = Outbox::open(folder);
    assert_eq!(opened.outbox.path(), None);
    assert_eq!(opened.notices.len(), 1, "{:?}", opened.notices);
    let mut outbox = opened.outbox;
    let error = outbox.enqueue(entry(1, "")).unwrap_err();
    assert!(matches!(error, OutboxError::Unusable { .. }), "{error}");
    assert!(error.to_string().starts_with("Triage cannot be queued or sent, because"), "{error}");
    assert!(outbox.next_due(0, None).is_err() && outbox.version().is_err());
    (outbox, opened.notices[0].clone())
}

#[test]
fn folder_and_files_are_private_from_the_start() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deep/data");
    let mut outbox = open(&folder);
    let id = outbox.enqueue(entry(1, "")).unwrap();
    let _claimed = claim(&mut outbox, &id, 0);
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 5, "database, -wal, -shm and two locks, not {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_copy_of_a_damaged_outbox_is_as_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = open(folder.path()).path().unwrap().to_owned();
    fs::write(&path, "damaged".repeat(100)).unwrap();
    assert_eq!(Outbox::open(folder.path()).notices.len(), 1);
    for file in fs::read_dir(folder.path()).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[test]
fn a_linked_folder_or_file_is_not_followed() {
    let (parent, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let link = parent.path().join("link");
    symlink(target.path(), &link).unwrap();
    assert!(unusable(&link).1.contains("is a symbolic link"));
    symlink(target.path().join("elsewhere"), parent.path().join("outbox.db")).unwrap();
    assert!(unusable(parent.path()).1.contains("outbox.db"));
    assert!(!target.path().join("elsewhere").exists());
}

#[test]
fn once_the_folder_can_be_used_the_same_outbox_works() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    fs::write(&folder, "mine").unwrap();
    let (mut outbox, _) = unusable(&folder);
    assert_eq!(fs::read_to_string(&folder).unwrap(), "mine");
    fs::remove_file(&folder).unwrap();
    let id = outbox.enqueue(entry(1, "")).unwrap();
    assert_eq!(all(&mut open(&folder))[0].id, id);
}

#[test]
fn a_read_only_folder_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(folder.path().join("probe"), "").is_ok() {
        eprintln!("skipped: this user may write into read-only folders");
        return;
    }
    assert!(unusable(folder.path()).1.contains("denied"));
}

/// A file system of one megabyte, gone with this.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(options: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("data")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_refuses_what_it_cannot_keep_and_loses_nothing() {
    let Some(disk) = SmallDisk::new("size=1m") else {
        eprintln!("skipped: mounting a small file system takes root");
        return;
    };
    let mut outbox = open(&disk.folder());
    let mut queued = Vec::new();
    let error = loop {
        match outbox.enqueue(entry(queued.len(), &"long ".repeat(2_000))) {
            Ok(id) => queued.push(id),
            Err(error) => break error,
        }
        assert!(queued.len() < 1_000, "a disk of a megabyte never filled");
    };
    assert!(!queued.is_empty());
    assert!(error.to_string().contains("disk space"), "{error}");
    let there = |outbox: &mut Outbox| all(outbox).into_iter().map(|record| record.id).collect::<Vec<_>>();
    assert_eq!(there(&mut outbox), queued);
    // What there is can still be read by who comes later, or nothing pretends to be.
    let mut later = Outbox::open(&disk.folder());
    if later.notices.is_empty() {
        assert_eq!(there(&mut later.outbox), queued);
    }
    // With room again the same outbox goes on.
    let mount = Command::new("mount").args(["-o", "remount,size=8m"]).arg(disk.0.path()).status().unwrap();
    assert!(mount.success());
    queued.push(outbox.enqueue(entry(9_999, "room")).unwrap());
    assert_eq!(there(&mut outbox), queued);
    assert_eq!(there(&mut open(&disk.folder())), queued);
}

#[test]
fn a_disk_that_turns_read_only_is_said_to_be() {
    let Some(disk) = SmallDisk::new("size=8m") else {
        eprintln!("skipped: mounting a small file system takes root");
        return;
    };
    let mut outbox = open(&disk.folder());
    let id = outbox.enqueue(entry(1, "")).unwrap();
    drop(outbox);
    let remount = |how: &str| {
        let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(disk.0.path()).status().unwrap();
        assert!(done.success(), "{how}");
    };
    remount("ro");
    let (mut outbox, notice) = unusable(&disk.folder());
    assert!(notice.contains("ead-only"), "{notice}");
    remount("rw");
    assert_eq!(all(&mut outbox)[0].id, id);
}
