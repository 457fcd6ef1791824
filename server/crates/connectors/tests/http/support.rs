//! A small server that answers what a test says, byte by byte, and remembers what it was asked.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use aspm_connectors::http::{Client, HttpError, Request, Response, Secrets, secrets::SystemKeyring};
use config::UserConfig;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use url::Url;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// Method, target and version.
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap()
    }
}

/// A connection, encrypted or not.
pub(crate) trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

type Handler = dyn Fn(&Received, &mut dyn Wire) + Send + Sync;

/// Answers until it is dropped.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    scheme: &'static str,
    received: Arc<Mutex<Vec<Received>>>,
    ended: Arc<AtomicBool>,
}

impl TestServer {
    /// `answer` writes the raw answer; the connection then ends.
    pub(crate) fn new(answer: impl Fn(&Received, &mut dyn Wire) + Send + Sync + 'static) -> Self {
        Self::start(None, Arc::new(answer))
    }

    /// The same text for every request.
    pub(crate) fn saying(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        Self::new(move |_, wire| put(wire, &text))
    }

    pub(crate) fn encrypted(
        tls: Arc<ServerConfig>,
        answer: impl Fn(&Received, &mut dyn Wire) + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(tls), Arc::new(answer))
    }

    fn start(tls: Option<Arc<ServerConfig>>, handler: Arc<Handler>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (received, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (log, stop) = (received.clone(), ended.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (tls, handler, log) = (tls.clone(), handler.clone(), log.clone());
                thread::spawn(move || serve(stream, tls, &*handler, &log));
            }
        });
        Self { address, scheme, received, ended }
    }

    pub(crate) fn origin(&self) -> String {
        let host = if self.scheme == "https" { "localhost" } else { "127.0.0.1" };
        format!("{}://{host}:{}", self.scheme, self.address.port())
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&self.origin()).unwrap().join(path).unwrap()
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: TcpStream, tls: Option<Arc<ServerConfig>>, handler: &Handler, log: &Mutex<Vec<Received>>) {
    // So that a test that fails ends.
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    match tls {
        None => answer(stream, handler, log, |wire| {
            let _ = wire.shutdown(std::net::Shutdown::Write);
        }),
        Some(tls) => answer(StreamOwned::new(ServerConnection::new(tls).unwrap(), stream), handler, log, |wire| {
            wire.conn.send_close_notify();
            let _ = wire.flush();
        }),
    }
}

fn answer<W: Wire>(mut wire: W, handler: &Handler, log: &Mutex<Vec<Received>>, end: impl Fn(&mut W)) {
    let Some(received) = read(&mut wire) else { return };
    log.lock().unwrap().push(received.clone());
    handler(&received, &mut wire);
    end(&mut wire);
}

/// `None` when the connection ends before a whole request came.
pub(crate) fn read(wire: &mut dyn Read) -> Option<Received> {
    let mut reader = BufReader::with_capacity(1, wire);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut received = Received { line: line.trim_end().to_owned(), headers, body: Vec::new() };
    let length = received.header("content-length").map_or(0, |length| length.parse().unwrap());
    received.body = vec![0; length];
    reader.read_exact(&mut received.body).ok()?;
    Some(received)
}

/// Writes as much as the client takes.
pub(crate) fn put(wire: &mut dyn Wire, bytes: impl AsRef<[u8]>) {
    let _ = wire.write_all(bytes.as_ref()).and_then(|()| wire.flush());
}

/// A whole answer; `head` is the status line's end and further header lines.
pub(crate) fn whole(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut text =
        format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len()).into_bytes();
    text.extend(body);
    text
}

/// Blocks until the client closes its side.
pub(crate) fn until_closed(wire: &mut dyn Wire) {
    let _ = std::io::copy(wire, &mut std::io::sink());
}

pub(crate) fn config(text: &str) -> UserConfig {
    UserConfig::parse(text, Path::new("/etc/config.toml"), &|_| None).unwrap_or_else(|error| panic!("{error}"))
}

/// The credentials of `env = …` are named after what they are: the variable `A_TOKEN` holds `secret-of-A_TOKEN`.
pub(crate) fn secrets() -> Secrets {
    Secrets::new(|name| Some(format!("secret-of-{name}").into()), None, Arc::new(SystemKeyring))
}

pub(crate) fn client(text: &str) -> Client {
    Client::new(config(text), secrets())
}

/// A client that may ask `server`, without a credential.
pub(crate) fn client_of(server: &TestServer) -> Client {
    client(&format!("[[server]]\nurl = '{}'\n", server.origin()))
}

pub(crate) fn never() -> bool {
    false
}

pub(crate) fn get(client: &Client, url: Url) -> Result<Response, HttpError> {
    client.send(&Request::get(url), &never)
}
