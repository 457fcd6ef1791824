//! `login` and `logout` against the stand-in server: what is checked, what is kept where, and what is never shown.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::sandbox::{Ran, Sandbox};

const ADMIN: &str = "0123456789abcdef0123456789abcdef01234567";
const DEV: &str = "89abcdef0123456789abcdef0123456789abcdef";
const CONFIG: &str = "home/.config/aspm/config.toml";
const CREDENTIALS: &str = "home/.local/share/aspm/credentials";

/// A stand-in for a DefectDojo; ends with the test.
struct Dojo {
    process: Child,
    url: String,
}

impl Dojo {
    fn new() -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/support/defectdojo");
        let process = Command::new("python3").arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process =
            process.unwrap_or_else(|error| panic!("the stand-in server needs python3 (3.9 or later): {error}"));
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { process, url: url.trim().to_owned() }
    }

    /// Has the next matching request go wrong.
    fn fault(&self, fault: &str) {
        self.control("POST", "faults", &format!("[{fault}]"));
    }

    /// What was asked since the last call.
    fn log(&self) -> String {
        self.control("GET", "log", "")
    }

    fn control(&self, method: &str, what: &str, body: &str) -> String {
        let address = self.url.trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(stream, "{method} /_control/{what} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(" 200 "), "{answer}");
        answer
    }
}

impl Drop for Dojo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Signs in with the token on standard input, kept in a file.
fn login(sandbox: &Sandbox, url: &str, token: &str) -> Ran {
    sandbox.feed(&["login", url, "--token-stdin", "--store", "file"], &format!("{token}\n"))
}

fn read(sandbox: &Sandbox, relative: &str) -> String {
    std::fs::read_to_string(sandbox.path(relative)).unwrap()
}

/// Names and texts of all that is kept as a credential.
fn credentials(sandbox: &Sandbox) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(sandbox.path(CREDENTIALS)) else { return Vec::new() };
    entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

/// Nothing of a sign-in that failed is left.
#[track_caller]
fn nothing_kept(sandbox: &Sandbox) {
    assert_eq!(credentials(sandbox), Vec::<String>::new());
    assert!(!sandbox.path(CONFIG).exists(), "{}", read(sandbox, CONFIG));
}

#[test]
fn a_good_token_is_kept_for_the_user_alone_and_the_server_is_listed() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    let ran = login(&sandbox, &dojo.url, DEV);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let url = &dojo.url;
    let config = sandbox.path(CONFIG);
    let config = config.display();
    assert_eq!(
        ran.out,
        format!(
            "signed in to {url} as dev (DefectDojo)\nThe token is in a file that only you can read.\n\
             {config} lists the server now.\nNext, in a repository: aspm-lsp init, then aspm-lsp sync\n"
        )
    );
    assert_eq!(credentials(&sandbox), [format!("{DEV}\n")]);
    let text = read(&sandbox, CONFIG);
    assert!(text.ends_with(&format!("\n[[server]]\nurl = \"{url}\"\nauth = {{ file = true }}\n")), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(sandbox.path(CONFIG)), 0o600);
        assert_eq!(mode(sandbox.path(CREDENTIALS)), 0o700);
        let file = std::fs::read_dir(sandbox.path(CREDENTIALS)).unwrap().next().unwrap().unwrap().path();
        assert_eq!(mode(file), 0o600);
    }
}

#[test]
fn the_version_is_told_where_the_server_tells_it() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    dojo.fault(r#"{"match": "oa3/schema", "do": "garbage", "body": "{\"info\":{\"title\":\"DefectDojo API v2\",\"version\":\"3.2.0\"}}"}"#);
    let ran = login(&sandbox, &dojo.url, DEV);
    assert!(ran.out.contains(" as dev (DefectDojo 3.2.0)\n"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_password_is_traded_for_a_token_and_not_kept() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    let args = ["login", &dojo.url, "--user", "dev", "--store", "file"];
    let ran = sandbox.feed(&args, "dev-password\n");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with(&format!("signed in to {} as dev", dojo.url)), "{}", ran.out);
    assert_eq!(credentials(&sandbox), [format!("{DEV}\n")]);
    for text in [&ran.out, &ran.err, &read(&sandbox, CONFIG)] {
        assert!(!text.contains("dev-password") && !text.contains(DEV), "{text}");
    }
}

#[test]
fn what_the_server_does_not_accept_is_told_apart_and_nothing_is_kept() {
    let denied = r#"{"detail": "You do not have permission to perform this action."}"#;
    let fault = |more: &str| Some(format!(r#"{{"match": "user_profile", "times": 0, {more}}}"#));
    let status = |number: u16, body: &str, kind: &str| {
        fault(&format!(r#""do": "status", "status": {number}, "type": "{kind}", "body": {}"#, serde_json::json!(body)))
    };
    let json = "application/json";
    for (token, fault, code, words) in [
        ("f00d".repeat(10), None, 2, "does not accept this token: it is wrong, expired"),
        (
            DEV.to_owned(),
            status(403, r#"{"detail": "User inactive or deleted."}"#, json),
            2,
            "its account is switched off",
        ),
        (DEV.to_owned(), status(403, denied, json), 2, "refuses this account (You do not have permission"),
        (
            DEV.to_owned(),
            status(403, "<h1>Forbidden</h1>", "text/html"),
            2,
            "status 403 and a page: a sign-in or a firewall",
        ),
        (DEV.to_owned(), status(404, "<h1>Not Found</h1>", "text/html"), 2, "no DefectDojo answers at"),
        (DEV.to_owned(), status(404, r#"{"detail": "Not found."}"#, json), 2, "is too old"),
        (DEV.to_owned(), status(503, "busy", "text/plain"), 1, "at the moment (status 503); try again later"),
        (
            DEV.to_owned(),
            fault(r#""do": "garbage", "type": "text/html", "body": "<html>Sign in</html>""#),
            2,
            "a web page came",
        ),
        (DEV.to_owned(), fault(r#""do": "garbage", "body": "{}""#), 2, "the answer names no account"),
        (DEV.to_owned(), fault(r#""do": "cut_body""#), 1, "the connection broke off"),
        (
            DEV.to_owned(),
            fault(r#""do": "redirect", "to": "https://elsewhere.example/login""#),
            2,
            "https://elsewhere.example, which is not a server you allow",
        ),
        (
            "two words".to_owned(),
            Some(r#"{"match": "nothing", "do": "delay"}"#.to_owned()),
            2,
            "does not accept this token",
        ),
    ] {
        let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
        if let Some(fault) = &fault {
            dojo.fault(fault);
        }
        let ran = login(&sandbox, &dojo.url, &token);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{words}: {}", ran.err);
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
        assert!(ran.err.contains("Nothing was stored"), "{}", ran.err);
        assert!(!ran.err.contains(&token), "{}", ran.err);
        nothing_kept(&sandbox);
    }
}

#[test]
fn a_wrong_password_is_told_without_repeating_it() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    let ran = sandbox.feed(&["login", &dojo.url, "--user", "dev", "--store", "file"], "dev-passwort\n");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("does not accept this user and password"), "{}", ran.err);
    assert!(!ran.err.contains("dev-passwort"), "{}", ran.err);
    nothing_kept(&sandbox);
}

#[test]
fn nobody_there_and_no_tls_there_are_told_with_what_to_do() {
    let sandbox = Sandbox::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let ran = login(&sandbox, &format!("http://127.0.0.1:{port}"), DEV);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("the connection was refused; check host and port"), "{}", ran.err);
    let dojo = Dojo::new();
    let ran = login(&sandbox, &dojo.url.replace("http:", "https:"), DEV);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("does not speak TLS"), "{}", ran.err);
    nothing_kept(&sandbox);
}

#[test]
fn plain_http_to_another_computer_is_refused_before_anything_is_read() {
    let sandbox = Sandbox::new();
    let ran = login(&sandbox, "http://dojo.example.com", DEV);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is plain http, which everybody on the way can read"), "{}", ran.err);
    nothing_kept(&sandbox);
}

#[test]
fn a_token_among_the_arguments_is_refused_and_not_repeated() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    for args in [
        vec!["login", &dojo.url, DEV],
        vec!["login", &dojo.url, "--token", DEV],
        vec!["login", &dojo.url, "--password", DEV, "--user", "dev"],
        vec!["login", "--token", DEV, "--", &dojo.url],
    ] {
        let ran = sandbox.run(&args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(ran.err.contains("does not belong among the arguments"), "{args:?}: {}", ran.err);
        assert!(!ran.err.contains(DEV), "{args:?}: {}", ran.err);
    }
    let with_password = dojo.url.replace("://", "://dev:dev-password@");
    let ran = login(&sandbox, &with_password, DEV);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("must hold no user name or password"), "{}", ran.err);
    assert!(!ran.err.contains("dev-password"), "{}", ran.err);
    assert!(dojo.log().ends_with("[]"), "nothing was asked");
    nothing_kept(&sandbox);
}

#[test]
fn without_a_terminal_and_without_a_token_nothing_is_asked() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    for (args, words) in [
        (&["login", &dojo.url, "--store", "file"][..], "there is no terminal to ask for the token at"),
        (&["login", &dojo.url, "--store", "file", "--token-stdin"], "no token was given"),
        (&["login", &dojo.url, "--store", "file", "--user", "dev"], "no password was given"),
        (&["login", "dojo.example.com", "--token-stdin"], "must be a URL such as https://"),
        (&["login", &dojo.url, "--token-stdin", "--user", "dev"], "cannot be used with"),
    ] {
        let ran = sandbox.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(ran.err.contains(words), "{args:?}: {}", ran.err);
    }
    assert!(dojo.log().ends_with("[]"), "nothing was asked");
}

#[test]
fn the_rest_of_the_configuration_stays_and_a_second_login_changes_nothing_in_it() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    let mine = "# mine\r\n[[server]] # first\r\nurl = 'https://a.example'\r\nauth = { env = 'A_TOKEN' } # from CI\r\n";
    sandbox.write(CONFIG, mine);
    let url = &dojo.url;
    let listed = format!("{mine}\r\n[[server]]\r\nurl = \"{url}\"\r\nauth = {{ file = true }}\r\n");
    assert_eq!(login(&sandbox, url, DEV).code, 0);
    assert_eq!(read(&sandbox, CONFIG), listed);
    let again = sandbox.feed(&["login", url, "--token-stdin"], ADMIN);
    assert_eq!(again.code, 0, "{}", again.err);
    assert!(again.out.contains("as admin") && !again.out.contains("config.toml"), "{}", again.out);
    assert_eq!(read(&sandbox, CONFIG), listed);
    assert_eq!(credentials(&sandbox), [format!("{ADMIN}\n")]);
}

#[test]
fn a_failed_login_leaves_the_earlier_token_in_place() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    assert_eq!(login(&sandbox, &dojo.url, DEV).code, 0);
    let config = read(&sandbox, CONFIG);
    assert_eq!(login(&sandbox, &dojo.url, "f00d").code, 2);
    assert_eq!((credentials(&sandbox), read(&sandbox, CONFIG)), (vec![format!("{DEV}\n")], config));
}

#[test]
fn a_broken_configuration_is_told_and_never_overwritten() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    let broken = "[[server]]\nurl = 'https://a.example'\npasword = 'x'\n";
    sandbox.write(CONFIG, broken);
    let ran = login(&sandbox, &dojo.url, DEV);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("has mistakes") && ran.err.contains("config.toml:3:"), "{}", ran.err);
    assert_eq!((read(&sandbox, CONFIG).as_str(), credentials(&sandbox).len()), (broken, 0));
    assert!(dojo.log().ends_with("[]"), "nothing was asked");
}

#[cfg(unix)]
#[test]
fn a_read_only_configuration_keeps_no_credential_and_shows_the_entry_to_add() {
    use std::os::unix::fs::PermissionsExt as _;

    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    sandbox.write(CONFIG, "# mine\n");
    std::fs::set_permissions(sandbox.path(CONFIG), std::fs::Permissions::from_mode(0o444)).unwrap();
    let ran = login(&sandbox, &dojo.url, DEV);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is read-only") && ran.err.contains("[[server]]\nurl = "), "{}", ran.err);
    assert_eq!((read(&sandbox, CONFIG).as_str(), credentials(&sandbox).len()), ("# mine\n", 0));
}

#[test]
fn a_credential_that_comes_from_elsewhere_is_replaced_only_when_told_where_to_keep_the_new_one() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    let url = &dojo.url;
    let mine = format!("[[server]]\nurl = '{url}'\nauth = {{ env = 'DOJO_TOKEN' }} # from CI\n");
    sandbox.write(CONFIG, &mine);
    let ran = sandbox.feed(&["login", url, "--token-stdin"], DEV);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("comes from the environment variable DOJO_TOKEN"), "{}", ran.err);
    assert_eq!(read(&sandbox, CONFIG), mine);
    let out = sandbox.run(&["logout", url]);
    assert_eq!(out.code, 0, "{}", out.err);
    assert!(out.out.contains("comes from the environment variable DOJO_TOKEN, which stays"), "{}", out.out);
    assert_eq!(login(&sandbox, url, DEV).code, 0);
    assert_eq!(read(&sandbox, CONFIG), mine.replace("{ env = 'DOJO_TOKEN' }", "{ file = true }"));
}

/// Nothing of the session's bus reaches the sandbox, so there is no keyring in it.
#[cfg(target_os = "linux")]
#[test]
fn without_a_keyring_the_command_that_works_is_shown() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    for (args, expected) in [
        (vec!["--token-stdin"], format!("\n  aspm-lsp login {} --token-stdin --store file\n", dojo.url)),
        (vec!["--user", "dana o"], format!("\n  aspm-lsp login {} --user 'dana o' --store file\n", dojo.url)),
        (
            vec!["--user", "dev", "--store", "keyring"],
            format!("\n  aspm-lsp login {} --user dev --store file\n", dojo.url),
        ),
    ] {
        let all = [vec!["login", &dojo.url], args].concat();
        let ran = sandbox.feed(&all, "x\n");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.contains("the keyring of this system cannot be used"), "{}", ran.err);
        assert!(ran.err.ends_with(&expected), "{}", ran.err);
    }
    assert!(dojo.log().ends_with("[]"), "nothing was asked");
    nothing_kept(&sandbox);
}

#[test]
fn logout_deletes_the_credential_and_keeps_the_server_without_one() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    let url = &dojo.url;
    assert_eq!(login(&sandbox, url, DEV).code, 0);
    let listed = read(&sandbox, CONFIG);
    let ran = sandbox.run(&["logout", url]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let begins = format!("signed out of {url}: the token was deleted from a file that only you can read\n");
    assert!(ran.out.starts_with(&begins), "{}", ran.out);
    assert!(ran.out.contains("config.toml still lists the server, now without a credential.\n"), "{}", ran.out);
    assert_eq!(credentials(&sandbox), Vec::<String>::new());
    assert_eq!(read(&sandbox, CONFIG), listed.replace("{ file = true }", "\"none\""));
    let again = sandbox.run(&["logout", url]);
    assert_eq!(again.code, 0);
    assert!(again.out.starts_with(&format!("there was no credential of {url} to delete\n")), "{}", again.out);
}

#[test]
fn logout_deletes_the_credential_also_where_the_configuration_is_of_no_use() {
    let (sandbox, dojo) = (Sandbox::new(), Dojo::new());
    assert_eq!(login(&sandbox, &dojo.url, DEV).code, 0);
    sandbox.write(CONFIG, "[[sever]]\n");
    let ran = sandbox.run(&["logout", &dojo.url]);
    assert_eq!(ran.code, 2);
    assert_eq!(credentials(&sandbox), Vec::<String>::new());
    assert_eq!(read(&sandbox, CONFIG), "[[sever]]\n");
}

#[test]
fn help_fits_a_terminal_and_does_not_offer_an_argument_for_the_token() {
    let sandbox = Sandbox::new();
    for command in ["login", "logout"] {
        let ran = sandbox.run(&[command, "--help"]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
        assert!(!ran.out.contains("TOO_MUCH") && !ran.out.contains("--token ") && !ran.out.contains("--password"));
    }
}

/// Types into a terminal of its own: after the question, `argv[1]` and so on, one key press each; then prints what the
/// terminal showed and whether it shows typing again.
#[cfg(target_os = "linux")]
const TYPIST: &str = r#"
import os, pty, subprocess, sys, termios
ours, theirs = pty.openpty()
child = subprocess.Popen(sys.argv[2:], stdin=theirs, stdout=theirs, stderr=theirs)
shown = b""
while not shown.endswith(b": "):
    shown += os.read(ours, 1)
os.write(ours, sys.argv[1].encode().decode("unicode_escape").encode("latin-1"))
code = child.wait()
echoes = bool(termios.tcgetattr(theirs)[3] & termios.ECHO)
os.close(theirs)
try:
    while piece := os.read(ours, 4096):
        shown += piece
except OSError:
    pass
print(code, echoes)
print(shown.decode())
"#;

#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal_the_secret_is_asked_for_and_never_shown() {
    let dojo = Dojo::new();
    for (typed, user, code, words) in [
        (format!(r"{DEV}\r"), None, 0, "signed in to "),
        (r"wrong\x15dev-passwort\x7f\x7fr\x7frd\r".to_owned(), Some("dev"), 0, "as dev (DefectDojo)"),
        (format!(r"{DEV}\x03"), None, 2, "cancelled; nothing was asked of the server"),
        (r"\r".to_owned(), None, 2, "no token was given"),
    ] {
        let sandbox = Sandbox::new();
        let mut command = Command::new("python3");
        command.args(["-c", TYPIST, &typed, env!("CARGO_BIN_EXE_aspm-lsp"), "login", &dojo.url, "--store", "file"]);
        command.args(user.iter().flat_map(|user| ["--user", user]));
        command.env("HOME", sandbox.path("home"));
        for name in ["ASPM_CONFIG", "ASPM_DATA_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            command.env_remove(name);
        }
        let output = command.stderr(Stdio::inherit()).output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.starts_with(&format!("{code} True\n")), "{typed}: {shown}");
        assert!(shown.contains(words), "{typed}: {shown}");
        assert!(!shown.contains(&DEV[..8]) && !shown.contains("dev-pass"), "{typed}: {shown}");
        assert_eq!(credentials(&sandbox).len(), usize::from(code == 0), "{typed}: {shown}");
    }
}
