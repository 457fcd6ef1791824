//! Size, time and completeness of an answer; giving up; one exchange at a time.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use aspm_connectors::http::{HttpError, Request};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{TestServer, client_of, get, never, put, until_closed, whole};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn at_most(server: &TestServer, max_bytes: u64) -> Result<Vec<u8>, HttpError> {
    let request = Request { max_bytes, ..Request::get(server.url("/")) };
    client_of(server).send(&request, &never).map(|response| response.body)
}

#[test]
fn an_answer_of_just_the_bound_is_taken_and_one_byte_more_is_not() {
    let body = "x".repeat(1000);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n1f4\r\n{half}\r\n1f4\r\n{half}\r\n0\r\n\r\n",
        half = &body[..500]
    );
    let zipped = whole("200 OK\r\ncontent-encoding: gzip", gzip(body.as_bytes()));
    for answer in [whole("200 OK", &body), chunked.into_bytes(), zipped] {
        let server = TestServer::saying(answer);
        assert_eq!(at_most(&server, 1000).unwrap(), body.as_bytes());
        let error = at_most(&server, 999).unwrap_err();
        assert_eq!(error, HttpError::TooLarge { at: format!("{}/", server.origin()), limit: 999 });
    }
}

#[test]
fn a_bomb_is_measured_as_it_unfolds() {
    let bomb = gzip(&vec![0; 64 << 20]);
    assert!(bomb.len() < 100_000);
    let server = TestServer::saying(whole("200 OK\r\ncontent-encoding: gzip", bomb));
    let mut taken = Counting(0);
    let request = Request { max_bytes: 1 << 20, ..Request::get(server.url("/")) };
    let error = client_of(&server).send_into(&request, &mut taken, &never).unwrap_err();
    assert!(matches!(error, HttpError::TooLarge { .. }), "{error:?}");
    assert!(taken.0 <= 1 << 20, "{} bytes were unfolded", taken.0);
}

struct Counting(usize);

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_answer_without_end_is_cut_at_the_bound() {
    let server = TestServer::new(|_, wire| {
        put(wire, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        while wire.write_all(&[b'x'; 4096]).is_ok() {}
    });
    assert!(matches!(at_most(&server, 100_000), Err(HttpError::TooLarge { .. })));
}

#[test]
fn an_answer_that_was_cut_off_is_no_short_success() {
    let zipped = gzip("x".repeat(10_000).as_bytes());
    let cut: [(&str, Vec<u8>); 7] = [
        ("body", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this".to_vec()),
        ("chunks", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n".to_vec()),
        ("chunk", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n50\r\nabcde".to_vec()),
        ("nothing", Vec::new()),
        ("status line", b"HTTP/1.1 20".to_vec()),
        ("headers", b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        ("gzip", whole("200 OK\r\ncontent-encoding: gzip", &zipped[..zipped.len() / 2])),
    ];
    for (what, answer) in cut {
        let server = TestServer::saying(answer);
        let error = get(&client_of(&server), server.url("/")).unwrap_err();
        assert_eq!(error, HttpError::CutOff { at: format!("{}/", server.origin()) }, "{what}: {error}");
        assert!(error.is_transient() && error.is_outcome_unknown(), "{what}");
    }
}

#[test]
fn a_damaged_or_foreign_answer_is_told_as_such() {
    for (what, answer) in [
        ("gzip", whole("200 OK\r\ncontent-encoding: gzip", "this is not gzip at all")),
        ("ssh", b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec()),
        ("noise", vec![0xff; 200]),
        ("two lengths", b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab".to_vec()),
    ] {
        let server = TestServer::saying(answer);
        let error = get(&client_of(&server), server.url("/")).unwrap_err();
        assert!(matches!(error, HttpError::Unexpected { .. }), "{what}: {error:?}");
    }
}

#[test]
fn the_deadline_holds_however_the_server_dawdles() {
    // A byte now and then keeps every time-out between two bytes from passing.
    let drip = |head: &'static str| {
        TestServer::new(move |_, wire| {
            put(wire, head);
            while wire.write_all(b"x").and_then(|()| wire.flush()).is_ok() {
                thread::park_timeout(Duration::from_millis(5));
            }
        })
    };
    let silent = TestServer::new(|_, wire| until_closed(wire));
    let servers = [
        ("body", drip("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")),
        ("headers", drip("HTTP/1.1 200 OK\r\nx-")),
        ("refusal", drip("HTTP/1.1 500 Broken\r\ncontent-length: 1000000\r\n\r\n")),
        ("silence", silent),
    ];
    for (what, server) in servers {
        let deadline = Duration::from_millis(300);
        let request = Request { deadline, ..Request::get(server.url("/")) };
        let error = client_of(&server).send(&request, &never).unwrap_err();
        assert_eq!(error, HttpError::TimedOut { at: format!("{}/", server.origin()), after: deadline }, "{what}");
    }
}

#[test]
fn the_deadline_counts_over_redirects() {
    // Each hop alone would be in time.
    let server = TestServer::new(|received, wire| {
        thread::park_timeout(Duration::from_millis(150));
        put(wire, whole(&format!("302 Found\r\nlocation: {}x", received.path()), ""));
    });
    let deadline = Duration::from_millis(400);
    let error = client_of(&server).send(&Request { deadline, ..Request::get(server.url("/")) }, &never).unwrap_err();
    assert!(matches!(error, HttpError::TimedOut { .. }), "{error:?}");
}

#[test]
fn giving_up_ends_the_exchange_at_any_point() {
    for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nsome of it"] {
        let (begun, closed) = (Arc::new(AtomicBool::new(false)), channel());
        let is_begun = begun.clone();
        let server = TestServer::new(move |_, wire| {
            put(wire, head);
            is_begun.store(true, Ordering::SeqCst);
            until_closed(wire);
            let _ = closed.0.send(());
        });
        let error =
            client_of(&server).send(&Request::get(server.url("/")), &|| begun.load(Ordering::SeqCst)).unwrap_err();
        assert_eq!(error, HttpError::Cancelled);
        closed.1.recv_timeout(Duration::from_secs(20)).expect("the connection was closed");
    }
    let server = TestServer::saying(whole("200 OK", ""));
    let error = client_of(&server).send(&Request::get(server.url("/")), &|| true).unwrap_err();
    assert_eq!(error, HttpError::Cancelled);
}

#[test]
fn a_request_that_waits_for_its_turn_can_be_given_up() {
    let (begun, begins) = channel();
    let server = TestServer::new(move |_, wire| {
        let _ = begun.send(());
        until_closed(wire);
    });
    let client = client_of(&server);
    let stop = Arc::new(AtomicBool::new(false));
    let first = {
        let (client, url, stop) = (client.clone(), server.url("/"), stop.clone());
        thread::spawn(move || client.send(&Request::get(url), &|| stop.load(Ordering::SeqCst)))
    };
    begins.recv_timeout(Duration::from_secs(20)).unwrap();
    let asked = AtomicUsize::new(0);
    let waiting = client.send(&Request::get(server.url("/")), &|| asked.fetch_add(1, Ordering::SeqCst) > 3);
    assert_eq!(waiting.unwrap_err(), HttpError::Cancelled);
    assert_eq!(server.received().len(), 1, "the second was never sent");
    stop.store(true, Ordering::SeqCst);
    assert_eq!(first.join().unwrap().unwrap_err(), HttpError::Cancelled);
}

#[test]
fn an_origin_is_asked_one_thing_at_a_time() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (in_flight, peak) = (now.clone(), most.clone());
    let server = TestServer::new(move |_, wire| {
        peak.fetch_max(in_flight.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::park_timeout(Duration::from_millis(5));
        in_flight.fetch_sub(1, Ordering::SeqCst);
        put(wire, whole("200 OK", "ok"));
    });
    let client = client_of(&server);
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (client, url) = (client.clone(), server.url("/"));
            thread::spawn(move || get(&client, url).unwrap().body)
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), b"ok");
    }
    assert_eq!((most.load(Ordering::SeqCst), server.received().len()), (1, 8));
}

#[test]
fn calls_work_inside_another_runtime_and_its_end_harms_nobody() {
    let server = TestServer::saying(whole("200 OK", "ok"));
    let client = client_of(&server);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let body = runtime.block_on(async { get(&client, server.url("/")).unwrap().body });
    assert_eq!(body, b"ok");
    // The last client goes while a runtime is entered, which must not panic either.
    runtime.block_on(async move { drop(client) });
}

#[test]
fn a_sink_that_fails_ends_the_download() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is full"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let server = TestServer::saying(whole("200 OK", "body"));
    let error = client_of(&server).send_into(&Request::get(server.url("/")), &mut Full, &never).unwrap_err();
    assert!(error.to_string().ends_with("could not be kept: the disk is full"), "{error}");
}

#[test]
fn a_large_download_goes_by_without_being_held() {
    let server = TestServer::new(|_, wire| {
        put(wire, format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", 32 << 20));
        for _ in 0..32 {
            put(wire, vec![b'x'; 1 << 20]);
        }
    });
    let mut taken = Counting(0);
    let response = client_of(&server).send_into(&Request::get(server.url("/")), &mut taken, &never).unwrap();
    assert_eq!((taken.0, response.body.len()), (32 << 20, 0));
}
