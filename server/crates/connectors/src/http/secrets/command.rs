//! A credential that a command prints: program and arguments, no shell, bounded in time and output.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use config::Origin;
use secrecy::SecretString;

use super::{MAX_SECRET, SecretError, line};
use crate::http::error::excerpt;

const POLL: Duration = Duration::from_millis(20);
/// Most of the error output that is kept, in bytes, and shown, in characters.
const MAX_STDERR: u64 = 4096;
const MAX_SHOWN: usize = 300;

/// The first line that the command prints. It runs in the home folder, never in a repository, where its name could mean
/// something else, and its standard input is empty.
pub(super) fn run(
    argv: &[String],
    home: Option<OsString>,
    limit: Duration,
    origin: &Origin,
    cancelled: &dyn Fn() -> bool,
) -> Result<SecretString, SecretError> {
    let program = argv.first().map_or("", String::as_str);
    let failed = |why: String| SecretError::Command { origin: origin.to_string(), program: program.to_owned(), why };
    let mut command = Command::new(program);
    command.args(argv.get(1..).unwrap_or_default());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(home) = home.filter(|home| Path::new(home).is_absolute()) {
        command.current_dir(home);
    }
    // A group of its own, so that what it starts ends with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map(Group).map_err(|error| failed(format!("could not be started: {error}")))?;
    let stdout = reader(child.0.stdout.take(), MAX_SECRET as u64 + 2).map_err(&failed)?;
    let stderr = reader(child.0.stderr.take(), MAX_STDERR).map_err(&failed)?;
    let begun = Instant::now();
    let status = wait(&mut child, begun, limit, cancelled, &failed)?;
    if !status.success() {
        let said = stderr.recv_timeout(Duration::from_millis(500)).unwrap_or_default();
        let said = excerpt(&String::from_utf8_lossy(&said), MAX_SHOWN);
        let said = if said.is_empty() { String::new() } else { format!(" and says: {said}") };
        return Err(failed(format!("failed ({status}){said}")));
    }
    loop {
        // What it left running can hold its output open.
        match stdout.recv_timeout(POLL) {
            Ok(printed) => {
                let text = String::from_utf8(printed).ok().map(SecretString::from);
                return text
                    .as_ref()
                    .and_then(line)
                    .ok_or_else(|| failed("printed no credential on its first line".to_owned()));
            }
            Err(RecvTimeoutError::Disconnected) => return Err(failed("has an unreadable output".to_owned())),
            Err(RecvTimeoutError::Timeout) if cancelled() => return Err(SecretError::Cancelled),
            Err(RecvTimeoutError::Timeout) if begun.elapsed() >= limit => return Err(failed(too_long(limit))),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn too_long(limit: Duration) -> String {
    format!("did not end within {} s and was stopped", limit.as_secs_f32())
}

fn wait(
    child: &mut Group,
    begun: Instant,
    limit: Duration,
    cancelled: &dyn Fn() -> bool,
    failed: &dyn Fn(String) -> SecretError,
) -> Result<ExitStatus, SecretError> {
    loop {
        match child.0.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if cancelled() => return Err(SecretError::Cancelled),
            Ok(None) if begun.elapsed() >= limit => return Err(failed(too_long(limit))),
            Ok(None) => thread::sleep(POLL),
            Err(error) => return Err(failed(format!("cannot be waited for: {error}"))),
        }
    }
}

/// Reads so many bytes apart, and the rest to nowhere so that the writer is not held up.
fn reader(from: Option<impl Read + Send + 'static>, most: u64) -> Result<Receiver<Vec<u8>>, String> {
    let (done, result) = channel();
    let Some(mut from) = from else { return Ok(result) };
    let read = move || {
        let mut bytes = Vec::new();
        // What came before an error counts.
        let _ = from.by_ref().take(most).read_to_end(&mut bytes);
        let _ = std::io::copy(&mut from, &mut std::io::sink());
        let _ = done.send(bytes);
    };
    thread::Builder::new().name("aspm-credential".to_owned()).spawn(read).map_err(|error| error.to_string())?;
    Ok(result)
}

/// A child that does not outlive its use.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw) {
            // It may have ended by itself just now.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
