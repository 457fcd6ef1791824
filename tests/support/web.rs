//! A web server that says what a test has it say, and remembers what it was asked.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One request: its first line and its headers, in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

type Saying = Box<dyn Fn(&Heard, &mut TcpStream) + Send>;

/// A running server; its thread ends with the process.
pub(crate) struct Web {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    saying: Arc<Mutex<Saying>>,
}

impl Web {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let saying: Arc<Mutex<Saying>> = Arc::new(Mutex::new(Box::new(|_, wire| say(wire, "404 Not Found", "", b""))));
        let (log, mouth) = (heard.clone(), saying.clone());
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                // So that a test that fails ends.
                let _ = stream.set_write_timeout(Some(Duration::from_secs(20)));
                let Some(asked) = read(&mut stream) else { continue };
                log.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
                mouth.lock().unwrap_or_else(PoisonError::into_inner)(&asked, &mut stream);
            }
        });
        Self { url, heard, saying }
    }

    /// What it says from now on.
    pub(crate) fn says(&self, saying: impl Fn(&Heard, &mut TcpStream) + Send + 'static) {
        *self.saying.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(saying);
    }

    /// What it was asked since the last call.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A whole answer; `more` are header lines, each with its end.
pub(crate) fn say(wire: &mut TcpStream, status: &str, more: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{more}\r\n", body.len());
    let _ = wire.write_all(head.as_bytes()).and_then(|()| wire.write_all(body));
}

fn read(stream: &mut TcpStream) -> Option<Heard> {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        text.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    let mut lines = text.lines();
    let line = lines.next()?.to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    Some(Heard { line, headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect() })
}
