//! The server as a process: frames in and out, what it printed, how it ended.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Workspace;

/// Nothing takes this long on any machine unless it is broken.
const LONG: Duration = Duration::from_secs(30);

/// The moment after which waiting is given up.
pub(crate) fn deadline() -> Instant {
    Instant::now() + LONG
}

/// One thing read from the server's standard output.
#[derive(Debug)]
pub(crate) enum Frame {
    Message(Value),
    /// Not LSP.
    Garbage(String),
    End,
}

/// A running server.
pub(crate) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    frames: Receiver<Frame>,
    errors: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

/// The binary under test: the one that was just built, or the one that CI ships.
pub(crate) fn binary() -> PathBuf {
    match std::env::var_os("ASPM_LSP_BIN") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(env!("CARGO_BIN_EXE_aspm-lsp")),
    }
}

impl Process {
    pub(crate) fn start(workspace: &Workspace) -> Self {
        let mut command = Command::new(binary());
        command.arg("--stdio").current_dir(workspace.home());
        workspace.isolate(&mut command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the server binary runs");
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("piped");
        let mut stderr = child.stderr.take().expect("piped");
        let (send, frames) = channel();
        let reader = std::thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            loop {
                let frame = read_frame(&mut stdout);
                let is_last = !matches!(frame, Frame::Message(_));
                if send.send(frame).is_err() || is_last {
                    return;
                }
            }
        });
        let errors = Arc::new(Mutex::new(String::new()));
        let heard = errors.clone();
        let listener = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = stderr.read(&mut buffer) {
                heard
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
        });
        Self { child, stdin, frames, errors, readers: vec![reader, listener] }
    }

    /// Sends one message. A server that is gone is noticed by whoever waits for it.
    pub(crate) fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.send_raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        if let Some(stdin) = &mut self.stdin {
            let _ = stdin.write_all(bytes).and_then(|()| stdin.flush());
        }
    }

    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// The next frame, or `None` at the deadline.
    pub(crate) fn next(&mut self, deadline: Instant) -> Option<Frame> {
        match self.frames.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(frame) => Some(frame),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Frame::End),
        }
    }

    /// A frame that has already arrived.
    pub(crate) fn arrived(&mut self) -> Option<Frame> {
        self.frames.try_recv().ok()
    }

    /// What the server wrote to standard error so far.
    pub(crate) fn errors(&self) -> String {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Waits for the end; `None` when it does not come and the process had to be killed.
    pub(crate) fn wait(&mut self) -> Option<ExitStatus> {
        let deadline = deadline();
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(2)),
                _ => {
                    let _ = self.child.kill();
                    let _ = self.child.wait();
                    break None;
                }
            }
        };
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        status
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Only when a test failed half-way: nobody is to find stray servers.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_frame(stdout: &mut impl BufRead) -> Frame {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        match stdout.read_until(b'\n', &mut line) {
            Ok(0) if length.is_none() => return Frame::End,
            Ok(0) | Err(_) => return Frame::Garbage("standard output ended inside a message".to_owned()),
            Ok(_) => {}
        }
        let Some(header) = line.strip_suffix(b"\r\n").and_then(|line| std::str::from_utf8(line).ok()) else {
            return Frame::Garbage(format!("not a header line: {:?}", String::from_utf8_lossy(&line)));
        };
        match (header, header.split_once(": "), length) {
            ("", _, Some(length)) => return read_body(stdout, length),
            (_, Some(("Content-Length", number)), None) => match number.parse::<usize>() {
                Ok(number) => length = Some(number),
                Err(_) => return Frame::Garbage(header.to_owned()),
            },
            (_, Some(("Content-Type", _)), _) => {}
            _ => return Frame::Garbage(format!("not an LSP header: {header:?}")),
        }
    }
}

fn read_body(stdout: &mut impl BufRead, length: usize) -> Frame {
    let mut body = vec![0; length];
    if stdout.read_exact(&mut body).is_err() {
        return Frame::Garbage("standard output ended inside a message".to_owned());
    }
    match serde_json::from_slice(&body) {
        Ok(message) => Frame::Message(message),
        Err(error) => Frame::Garbage(format!("{error}: {}", String::from_utf8_lossy(&body))),
    }
}
