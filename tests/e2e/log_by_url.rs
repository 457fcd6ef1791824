//! A SARIF log behind a URL: fetched when it changed, and what was read before stays when it cannot be.

use std::io::Write as _;

use crate::support::{Heard, Log, Web, Workspace, result, say};

const APP: &str = "def calc(x):\n    return eval(x)\n\ndef more(x):\n    return exec(x)\n";

fn log(flagged: &[&str]) -> Vec<u8> {
    let log = flagged.iter().fold(Log::new("Bandit"), |log, code| log.with(result("B307", "app.py", APP, code)));
    log.to_string().into_bytes()
}

/// A repository whose log lies on a server that the user has named, with a token.
fn setting() -> (Workspace, Web) {
    let workspace = Workspace::new(&[("app.py", APP)]).with_env("LOG_TOKEN", "hunter2-of-ours");
    let web = Web::start();
    let url = format!("{}/latest.sarif", web.url);
    workspace.write("aspm.toml", format!("[[source]]\nname = \"ci\"\nkind = \"sarif\"\nurl = \"{url}\"\n"));
    workspace.user_config(&format!("[[server]]\nurl = \"{}\"\nauth = {{ env = \"LOG_TOKEN\" }}\n", web.url));
    (workspace, web)
}

/// The server has this log, under this version.
fn has(web: &Web, version: &'static str, body: Vec<u8>) {
    web.says(move |asked, wire| {
        let more = format!("ETag: \"{version}\"\r\n");
        if asked.header("if-none-match") == Some(format!("\"{version}\"").as_str()) {
            say(wire, "304 Not Modified", &more, b"");
        } else {
            say(wire, "200 OK", &more, &body);
        }
    });
}

#[track_caller]
fn sync(workspace: &Workspace, code: i32) -> (String, String) {
    let (found, out, err) = workspace.run(&["sync"]);
    assert_eq!(found, code, "{out}{err}");
    assert!(!out.contains("hunter2") && !err.contains("hunter2"), "{out}{err}");
    (out, err)
}

#[track_caller]
fn known(workspace: &Workspace, findings: usize) {
    let (code, out, err) = workspace.run(&["list"]);
    let words = format!("{findings} open finding");
    assert!(code == 0 && out.contains(&words), "{out}{err}");
}

/// Two findings were read, then the server says something else: they stay, and the reason is told.
#[track_caller]
fn stays(words: &[&str], saying: impl Fn(&Heard, &mut std::net::TcpStream) + Send + 'static) {
    let (workspace, web) = setting();
    has(&web, "1", log(&["eval(x)", "exec(x)"]));
    sync(&workspace, 0);
    web.says(saying);
    let (_, err) = sync(&workspace, 1);
    for words in words {
        assert!(err.contains(words), "no {words:?} in {err}");
    }
    known(&workspace, 2);
    // It is well again.
    has(&web, "2", log(&["eval(x)"]));
    sync(&workspace, 0);
    known(&workspace, 1);
}

#[test]
fn a_log_is_fetched_with_the_users_credential_and_again_only_when_it_changed() {
    let (workspace, web) = setting();
    has(&web, "1", log(&["eval(x)", "exec(x)"]));
    let (out, _) = sync(&workspace, 0);
    assert!(out.contains("ci: 2 findings"), "{out}");
    let heard = web.heard();
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0].line, "GET /latest.sarif HTTP/1.1");
    assert_eq!(heard[0].header("authorization"), Some("Bearer hunter2-of-ours"));
    assert_eq!(heard[0].header("if-none-match"), None);
    sync(&workspace, 0);
    let heard = web.heard();
    assert_eq!((heard.len(), heard[0].header("if-none-match")), (1, Some("\"1\"")));
    known(&workspace, 2);
    has(&web, "2", log(&["exec(x)"]));
    sync(&workspace, 0);
    known(&workspace, 1);
    assert_eq!(workspace.run(&["sync", "--full"]).0, 0);
    let full = web.heard().pop().expect("asked");
    assert_eq!(full.header("if-none-match"), None, "everything is read anew");
}

#[test]
fn a_log_without_an_etag_is_told_by_its_date() {
    let (workspace, web) = setting();
    let body = log(&["eval(x)"]);
    web.says(move |asked, wire| {
        let date = "Sun, 01 Mar 2026 10:00:00 GMT";
        if asked.header("if-modified-since") == Some(date) {
            say(wire, "304 Not Modified", "", b"");
        } else {
            say(wire, "200 OK", &format!("Last-Modified: {date}\r\n"), &body);
        }
    });
    sync(&workspace, 0);
    sync(&workspace, 0);
    assert!(web.heard()[1].header("if-modified-since").is_some());
    known(&workspace, 1);
}

#[test]
fn a_log_that_is_packed_is_read() {
    let (workspace, web) = setting();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&log(&["eval(x)"])).expect("packed");
    let url = format!("{}/latest.sarif.gz", web.url);
    workspace.write("aspm.toml", format!("[[source]]\nname = \"ci\"\nkind = \"sarif\"\nurl = \"{url}\"\n"));
    has(&web, "1", packed.finish().expect("packed"));
    sync(&workspace, 0);
    known(&workspace, 1);
}

#[test]
fn a_refused_credential_is_told_and_what_is_known_stays() {
    stays(&["answered 401", "the credential is missing, wrong or expired", "aspm-lsp login"], |_, wire| {
        say(wire, "401 Unauthorized", "WWW-Authenticate: Bearer\r\n", b"hunter2-of-ours is not known");
    });
}

#[test]
fn a_log_that_is_gone_is_not_a_log_without_findings() {
    stays(&["answered 404", "nothing is there"], |_, wire| say(wire, "404 Not Found", "", b""));
}

#[test]
fn a_log_that_is_cut_off_is_not_a_short_one() {
    stays(&["broke off before the answer was complete"], |_, wire| {
        let body = log(&["eval(x)"]);
        let head = format!("HTTP/1.1 200 OK\r\nETag: \"9\"\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = wire.write_all(head.as_bytes()).and_then(|()| wire.write_all(&body[..body.len() / 2]));
    });
}

#[test]
fn a_log_that_is_too_large_is_not_read() {
    stays(&["larger than 512 MiB"], |_, wire| {
        let _ = wire.write_all(b"HTTP/1.1 200 OK\r\nETag: \"9\"\r\nContent-Length: 99999999999\r\n\r\n{\"runs\": [");
    });
}

#[test]
fn a_page_instead_of_a_log_is_not_a_log_without_findings() {
    stays(&["ci"], |_, wire| {
        say(wire, "200 OK", "Content-Type: text/html\r\nETag: \"9\"\r\n", b"<html>Sign in</html>");
    });
}

#[test]
fn a_redirect_to_another_host_is_followed_only_where_the_user_named_it_and_without_the_token() {
    let (workspace, web) = setting();
    let store = Web::start();
    has(&store, "1", log(&["eval(x)"]));
    let to = format!("Location: {}/object?signature=abc\r\n", store.url);
    web.says(move |_, wire| say(wire, "302 Found", &to, b""));
    let (_, err) = sync(&workspace, 3);
    assert!(err.contains(&format!("redirects to {}, which is not a server you allow", store.url)), "{err}");
    assert!(!err.contains("signature"), "{err}");
    assert_eq!(store.heard().len(), 0, "nobody was asked");
    let one = format!("[[server]]\nurl = \"{}\"\nauth = {{ env = \"LOG_TOKEN\" }}\n", web.url);
    workspace.user_config(&format!("{one}\n[[server]]\nurl = \"{}\"\n", store.url));
    sync(&workspace, 0);
    known(&workspace, 1);
    let heard = store.heard();
    assert_eq!(
        (heard[0].line.as_str(), heard[0].header("authorization")),
        ("GET /object?signature=abc HTTP/1.1", None)
    );
}

#[test]
fn a_server_that_only_the_repository_names_is_not_asked() {
    let (workspace, web) = setting();
    workspace.user_config("");
    has(&web, "1", log(&["eval(x)"]));
    let (_, err) = sync(&workspace, 3);
    assert!(err.contains("is not a server you allow"), "{err}");
    assert_eq!(web.heard().len(), 0);
}
