//! Another process that keeps a database locked.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Keeps it until it is told to let go, or for as many seconds as it was given.
const HOLD: &str = "
import sqlite3, sys, threading, os
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute('BEGIN EXCLUSIVE')
print('held', flush=True)
if float(sys.argv[2]):
    threading.Timer(float(sys.argv[2]), lambda: os._exit(0)).start()
sys.stdin.read()
os._exit(0)
";

/// A locked database; it is free again when this is dropped.
pub(crate) struct Held(Child);

impl Held {
    /// Locked by the time this returns, against every writer.
    pub(crate) fn start(database: &Path, seconds: u32) -> Self {
        let mut child = Command::new("python3")
            .args(["-c", HOLD])
            .arg(database)
            .arg(seconds.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says so");
        assert_eq!(line.trim(), "held", "{} can be locked", database.display());
        Self(child)
    }

    /// Whether it is locked still.
    pub(crate) fn is_held(&mut self) -> bool {
        self.0.try_wait().expect("it is ours").is_none()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
