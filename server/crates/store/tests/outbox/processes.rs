//! Several processes on one outbox, killed and stopped: real ones, this test binary started again in another role.
#![expect(clippy::print_stdout, reason = "how the other processes report")]

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::support::{all, entry, open};
use aspm_store::outbox::{Due, Filter, Outbox, Outcome, State};

const ROLE: &str = "ASPM_OUTBOX_TEST_ROLE";
const FOLDER: &str = "ASPM_OUTBOX_TEST_FOLDER";

/// This is no test but what the other processes run: the tests below start it with a role.
#[test]
fn other_process() {
    let (Ok(role), Ok(folder)) = (std::env::var(ROLE), std::env::var(FOLDER)) else { return };
    let folder = Path::new(&folder);
    match role.as_str() {
        "queue" => queue(folder),
        "send" => send(folder),
        "open" => drop(open(folder)),
        _ => panic!("no such role: {role}"),
    }
}

fn queue(folder: &Path) {
    let mut outbox = open(folder);
    for number in 0.. {
        println!("queued {}", outbox.enqueue(entry(number, "x")).unwrap());
    }
}

/// Sends all there is to a server that is a folder: `working-ID` is locked by who is at it, `arrived-ID` is there once
/// it arrived. Whoever sees a rule broken says so.
fn send(folder: &Path) {
    let mut outbox = open(folder);
    let server = folder.join("server");
    let mut now = 0;
    loop {
        let record = match outbox.next_due(now, None).unwrap() {
            Due::Now(record) => record,
            Due::At(time) => {
                now = time;
                continue;
            }
            Due::Nothing if outbox.list(Filter { is_open: true, ..Filter::default() }).unwrap().is_empty() => break,
            // Another process is at the rest.
            Due::Nothing => continue,
        };
        let Some(claim) = outbox.claim(&record.id, now).unwrap() else { continue };
        let work = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(server.join(format!("working-{}", record.id)))
            .unwrap();
        if work.try_lock().is_err() {
            println!("BROKEN: two processes are at {}", record.id);
        }
        let arrived = server.join(format!("arrived-{}", record.id));
        if arrived.exists() && !claim.record.may_have_arrived {
            println!("BROKEN: {} is sent again without a look", record.id);
        }
        File::create(arrived).unwrap();
        work.unlock().unwrap();
        let outcome = match claim.record.entry.number.parse::<usize>().unwrap() % 5 {
            0 if claim.record.attempts < 3 => {
                Outcome::Later { why: "lost".into(), after: None, is_outcome_unknown: true }
            }
            _ => Outcome::Done { now: None },
        };
        outbox.settle(&claim, &outcome, now).unwrap();
        println!("settled {}", record.id);
    }
    println!("finished");
}

/// A process in a role; killed when the test is over.
struct Other {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Other {
    fn start(folder: &Path, role: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["processes::other_process", "--exact", "--nocapture", "--test-threads=1"])
            .envs([(ROLE, role.as_ref()), (FOLDER, folder.as_os_str())])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        Self { process, said }
    }

    /// The next line that has `word` in it; `None` at the end.
    fn next(&mut self, word: &str) -> Option<String> {
        let mut line = String::new();
        while self.said.read_line(&mut line).unwrap() > 0 {
            assert!(!line.contains("BROKEN"), "{line}");
            if line.contains(word) {
                return Some(line.trim().to_owned());
            }
            line.clear();
        }
        None
    }

    /// The ids after `count` further lines with `word`.
    fn ids(&mut self, word: &str, count: usize) -> Vec<String> {
        (0..count).map(|_| id(&self.next(word).expect("it goes on")).to_owned()).collect()
    }

    /// Kills it and hands out what it had said.
    fn kill(&mut self) -> String {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        assert!(!rest.contains("BROKEN"), "{rest}");
        rest
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The first line may have the test runner's words before ours.
fn id(line: &str) -> &str {
    line.rsplit(' ').next().unwrap()
}

fn ids(outbox: &mut Outbox) -> BTreeSet<String> {
    all(outbox).into_iter().map(|record| record.id.to_string()).collect()
}

#[test]
fn what_was_said_to_be_queued_survives_every_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut said: BTreeSet<String> = BTreeSet::new();
    for round in 0..12 {
        let mut others: Vec<Other> = (0..2).map(|_| Other::start(folder.path(), "queue")).collect();
        for other in &mut others {
            said.extend(other.ids("queued", 1 + round * 3));
        }
        for other in &mut others {
            // A line that the kill cut short was not said.
            let rest = other.kill();
            said.extend(
                rest.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(|line| id(line.trim()).to_owned()),
            );
        }
        let there = ids(&mut open(folder.path()));
        let lost: Vec<&String> = said.difference(&there).collect();
        assert!(lost.is_empty(), "{lost:?} of {}", said.len());
    }
}

#[test]
fn what_is_queued_while_another_process_puts_a_damaged_outbox_right_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut others: Vec<Other> = (0..2).map(|_| Other::start(folder.path(), "queue")).collect();
    let mut said = BTreeSet::new();
    for round in 1..=4 {
        for other in &mut others {
            said.extend(other.ids("queued", 3));
        }
        let mut outbox = Outbox::open(folder.path()).outbox;
        let path = outbox.path().unwrap().to_owned();
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch("PRAGMA busy_timeout = 30000; UPDATE entry SET digest = x'00' WHERE number = 1")
            .unwrap();
        let there = ids(&mut outbox);
        assert!(said.is_subset(&there), "{:?}", said.difference(&there).collect::<Vec<_>>());
        assert!(path.with_extension(format!("db.corrupt-{round}")).exists());
    }
    for other in &mut others {
        let rest = other.kill();
        said.extend(
            rest.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(|line| id(line.trim()).to_owned()),
        );
    }
    let there = ids(&mut open(folder.path()));
    assert!(said.is_subset(&there), "{:?}", said.difference(&there).collect::<Vec<_>>());
}

#[test]
fn senders_killed_at_any_moment_send_all_and_nothing_blindly_twice() {
    let folder = tempfile::tempdir().unwrap();
    let server = folder.path().join("server");
    let mut outbox = open(folder.path());
    fs::create_dir(&server).unwrap();
    let queued = outbox.enqueue_all((0..240).map(|number| entry(number % 200, "x")).collect()).unwrap();
    for round in 0..16_usize {
        let mut others: Vec<Other> = (0..2).map(|_| Other::start(folder.path(), "send")).collect();
        // Land somewhere else each time.
        for _ in 0..=round % 5 {
            others[0].next("settled");
        }
        for _ in 0..round * 37 {
            outbox.version().unwrap();
        }
        for other in &mut others {
            other.kill();
        }
        assert_eq!(ids(&mut outbox).len(), queued.len());
    }
    let mut others: Vec<Other> = (0..3).map(|_| Other::start(folder.path(), "send")).collect();
    for other in &mut others {
        assert!(other.next("finished").is_some());
    }
    for record in all(&mut outbox) {
        assert_eq!(record.state, State::Done);
        assert!(server.join(format!("arrived-{}", record.id)).exists());
    }
    drop(others);
    outbox.next_due(0, None).unwrap();
}

#[test]
fn a_copy_taken_at_any_moment_has_all_that_was_said_to_be_queued() {
    let folder = tempfile::tempdir().unwrap();
    let mut other = Other::start(folder.path(), "queue");
    let pid = rustix::process::Pid::from_child(&other.process);
    let mut said = BTreeSet::new();
    for round in 0..24_usize {
        said.extend(other.ids("queued", 1 + round * 7 % 50));
        rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
        rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::UNTRACED).unwrap();
        let copy = tempfile::tempdir().unwrap();
        for name in ["outbox.db", "outbox.db-wal"] {
            let mut bytes = fs::read(folder.path().join(name)).unwrap();
            if name.ends_with("-wal") {
                // The tail that was being written when the power went.
                bytes.extend(bytes.clone().iter().rev().take(round * 997));
            }
            fs::write(copy.path().join(name), bytes).unwrap();
        }
        rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
        let there = ids(&mut open(copy.path()));
        assert!(said.is_subset(&there), "{:?}", said.difference(&there).collect::<Vec<_>>());
    }
}

#[test]
fn many_processes_may_create_the_outbox_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let others: Vec<Other> = (0..8).map(|_| Other::start(folder.path(), "open")).collect();
    for mut other in others {
        assert!(other.next("test result: ok").is_some());
    }
    assert_eq!(ids(&mut open(folder.path())).len(), 0);
}
