//! Several processes on one cache: real ones, this test binary started again in another role.
#![expect(clippy::print_stdout, reason = "how the other processes report")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{fill, key, meta, open, plain, plain_ones};
use aspm_store::Store;
use finding::Index;

const ROLE: &str = "ASPM_STORE_TEST_ROLE";
const FOLDER: &str = "ASPM_STORE_TEST_FOLDER";

/// This is no test but what the other processes run: the tests below start it with a role.
#[test]
fn other_process() {
    let (Ok(role), Ok(folder)) = (std::env::var(ROLE), std::env::var(FOLDER)) else { return };
    let folder = Path::new(&folder);
    match role.split_once(' ') {
        Some(("write", rounds)) => write_rounds(folder, rounds.parse().unwrap()),
        Some(("update", rounds)) => update_rounds(folder, rounds.parse().unwrap()),
        None if role == "lock" => hold_lock(folder),
        None if role == "open" => assert_eq!(Store::open(folder, &key()).notices, [""; 0]),
        _ => panic!("no such role: {role}"),
    }
}

/// Even revisions hold 400 findings, odd ones 900, so that a mixture shows.
fn size_at(revision: u64) -> usize {
    if revision.is_multiple_of(2) { 400 } else { 900 }
}

fn write_rounds(folder: &Path, rounds: u64) {
    let mut store = open(folder);
    for _ in 0..rounds {
        let next = store.revision().unwrap() + 1;
        let stored = fill(&mut store, &plain_ones(size_at(next), &format!("revision {next}")));
        println!("committed {}", stored.revision);
    }
}

/// The same contents as changes to what is there.
fn update_rounds(folder: &Path, rounds: u64) {
    let mut store = open(folder);
    for _ in 0..rounds {
        let next = store.revision().unwrap() + 1;
        let mut update = store.update().unwrap();
        for one in plain_ones(size_at(next), &format!("revision {next}")) {
            update.upsert(one.clone()).unwrap();
        }
        for number in size_at(next)..900 {
            update.remove(&plain(number, "").id).unwrap();
        }
        let stored = update.commit(meta()).unwrap();
        println!("committed {}", stored.revision);
    }
}

fn hold_lock(folder: &Path) {
    let store = open(folder);
    let _lock = store.try_lock_sync().expect("free");
    println!("locked");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// A process in a role; killed when the test is over.
struct Other {
    process: Child,
    said: BufReader<std::process::ChildStdout>,
    tell: ChildStdin,
}

impl Other {
    fn start(folder: &Path, role: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["processes::other_process", "--exact", "--nocapture", "--test-threads=1"])
            .envs([(ROLE, role.as_ref()), (FOLDER, folder.as_os_str())])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let tell = process.stdin.take().unwrap();
        Self { process, said, tell }
    }

    /// Waits for a line that contains `word`.
    fn wait_for(&mut self, word: &str) {
        let mut line = String::new();
        while !line.contains(word) {
            line.clear();
            assert_ne!(self.said.read_line(&mut line).unwrap(), 0, "the other process ended before it said {word}");
        }
    }

    fn finish(mut self) {
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.said, &mut rest).unwrap();
        assert!(self.process.wait().unwrap().success(), "{rest}");
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Everything in the index is of its own revision.
fn assert_whole(revision: u64, index: &Index) {
    assert_eq!(index.rows().len(), size_at(revision));
    let expected = format!("revision {revision}: ");
    for row in index.rows() {
        assert!(index.message(row).starts_with(&expected), "{} at revision {revision}", index.message(row));
    }
}

#[test]
fn a_reader_sees_whole_revisions_while_another_process_writes() {
    const ROUNDS: u64 = 12;
    let folder = tempfile::tempdir().unwrap();
    let mut one = Other::start(folder.path(), &format!("write {ROUNDS}"));
    one.wait_for("committed 1");
    let store = open(folder.path());
    let (first_version, first_revision) = (store.data_version().unwrap(), store.revision().unwrap());
    let mut revision_of_version = HashMap::new();
    let mut seen = 0;
    let deadline = Instant::now() + Duration::from_mins(2);
    while seen < ROUNDS {
        assert!(Instant::now() < deadline, "only {seen} revisions in two minutes");
        let version = store.data_version().unwrap();
        let revision = store.revision().unwrap();
        if store.data_version().unwrap() == version {
            let known = *revision_of_version.entry(version).or_insert(revision);
            assert_eq!(known, revision, "the revision changed and the data version did not");
        }
        if revision > seen {
            let (meta, index) = store.load_index().unwrap();
            assert!(meta.revision >= revision);
            assert_whole(meta.revision, &index);
            seen = meta.revision;
        }
    }
    one.finish();
    assert!(first_revision == ROUNDS || store.data_version().unwrap() != first_version);
}

#[test]
fn two_writers_wait_for_each_other_and_lose_no_commit() {
    const ROUNDS: u64 = 8;
    let folder = tempfile::tempdir().unwrap();
    let others: Vec<Other> = (0..2).map(|_| Other::start(folder.path(), &format!("write {ROUNDS}"))).collect();
    for other in others {
        other.finish();
    }
    let store = open(folder.path());
    assert_eq!(store.revision().unwrap(), 2 * ROUNDS);
    let (meta, index) = store.load_index().unwrap();
    assert_eq!(index.rows().len(), meta.findings);
}

#[test]
fn a_writer_killed_at_any_moment_leaves_a_whole_revision() {
    kill_writers("write 1000000");
}

#[test]
fn an_updater_killed_at_any_moment_leaves_a_whole_revision() {
    kill_writers("update 1000000");
}

fn kill_writers(role: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut before = 0;
    for round in 0..12_u32 {
        let mut other = Other::start(folder.path(), role);
        other.wait_for("committed");
        // Land somewhere else each time: at that many looks after a commit.
        let store = open(folder.path());
        for _ in 0..round * 400 {
            store.data_version().unwrap();
        }
        other.process.kill().unwrap();
        other.process.wait().unwrap();

        let (meta, index) = store.load_index().unwrap();
        assert!(meta.revision > before);
        assert_whole(meta.revision, &index);
        let details = open(folder.path()).findings_at(&["src/file3.py"]).unwrap();
        assert_eq!(details.len(), index.of_path("src/file3.py").len());
        assert!(details.iter().all(|one| one.message.starts_with(&format!("revision {}: ", meta.revision))));
        let sound: String = rusqlite::Connection::open(store.path().unwrap())
            .unwrap()
            .pragma_query_value(None, "integrity_check", |row| row.get(0))
            .unwrap();
        assert_eq!(sound, "ok");
        before = meta.revision;
    }
}

#[test]
fn one_process_syncs_at_a_time_and_its_death_frees_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut other = Other::start(folder.path(), "lock");
    other.wait_for("locked");
    assert!(store.try_lock_sync().is_none());
    other.process.kill().unwrap();
    other.process.wait().unwrap();
    let lock = store.try_lock_sync();
    assert!(lock.is_some());
    assert!(open(folder.path()).try_lock_sync().is_none(), "nor does another store of the same process get it");
    drop(lock);

    let mut other = Other::start(folder.path(), "lock");
    other.wait_for("locked");
    other.tell.write_all(b"go\n").unwrap();
    other.finish();
    assert!(store.try_lock_sync().is_some());
}

#[test]
fn many_processes_may_create_the_cache_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let others: Vec<Other> = (0..8).map(|_| Other::start(folder.path(), "open")).collect();
    for other in others {
        other.finish();
    }
    open(folder.path());
}
