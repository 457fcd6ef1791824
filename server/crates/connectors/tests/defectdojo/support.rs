//! The stand-in server as a process, a store in memory, and the connector between them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use aspm_connectors::defectdojo::{Binding, DefectDojo, Options};
use aspm_connectors::http::{Client, Method, Request, Secrets, secrets::SystemKeyring};
use aspm_connectors::{Action, Connector as _, Coverage, Error, Lookup, Outcome, Pushed, Refreshed, Sink, Triage};
use config::UserConfig;
use finding::{Finding, FindingId};
use serde_json::{Value, json};
use url::Url;

pub(crate) const ADMIN: &str = "0123456789abcdef0123456789abcdef01234567";
pub(crate) const DEV: &str = "89abcdef0123456789abcdef0123456789abcdef";

/// A stand-in server; ends with the test.
pub(crate) struct StandIn {
    process: Child,
    pub(crate) url: String,
    control: Client,
}

pub(crate) fn never() -> bool {
    false
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// A client with `token` for `url`; none with an empty one.
pub(crate) fn client(url: &str, token: &'static str) -> Client {
    let auth = if token.is_empty() { "" } else { "auth = { env = 'TOKEN' }\n" };
    let text = format!("[[server]]\nurl = '{url}'\n{auth}");
    let config = UserConfig::parse(&text, Path::new("/etc/config.toml"), &|_| None).unwrap();
    Client::new(config, Secrets::new(move |_| Some(token.into()), None, Arc::new(SystemKeyring)))
}

/// Repositories as `repo` would write them, for tests: host and path in lower case, without `.git`.
pub(crate) fn normalise(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or_else(|| url.replacen(':', "/", 1), |(_, rest)| rest.to_owned());
    let rest = rest.rsplit_once('@').map_or(rest.clone(), |(_, rest)| rest.to_owned());
    Some(rest.trim_end_matches('/').trim_end_matches(".git").to_lowercase()).filter(|rest| rest.contains('/'))
}

impl StandIn {
    pub(crate) fn new(seed: &Value) -> Self {
        let folder = root().join("tests/support/defectdojo");
        let process = Command::new("python3").arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process =
            process.unwrap_or_else(|error| panic!("the stand-in server needs python3 (3.9 or later): {error}"));
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let url = url.trim().to_owned();
        let control = client(&url, "");
        let server = Self { process, url, control };
        server.control("reset", seed);
        server
    }

    /// With one product `shop`, one engagement of `github.com/acme/shop`, and one test with these findings.
    pub(crate) fn with(findings: &[Value]) -> Self {
        Self::new(&shop(
            &json!({"type": "Bandit Scan", "branch_tag": "main", "commit_hash": "19d17cc8", "findings": findings}),
        ))
    }

    pub(crate) fn control(&self, what: &str, body: &Value) -> Value {
        let url = Url::parse(&format!("{}/_control/{what}", self.url)).unwrap();
        let request = Request::new(Method::Post, url).json(body).unwrap();
        self.control.send(&request, &never).unwrap_or_else(|error| panic!("{what}: {error}")).json().unwrap()
    }

    pub(crate) fn change(&self, what: &Value) -> Value {
        self.control("change", what)
    }

    /// A change that the server may refuse.
    pub(crate) fn try_change(&self, what: &Value) {
        let url = Url::parse(&format!("{}/_control/change", self.url)).unwrap();
        let _ = self.control.send(&Request::new(Method::Post, url).json(what).unwrap(), &never);
    }

    pub(crate) fn fault(&self, fault: &Value) {
        self.control("faults", &json!([fault]));
    }

    /// The requests since the last call, without those to `_control`.
    pub(crate) fn log(&self) -> Vec<Value> {
        self.control("log", &Value::Null).as_array().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.log().iter().map(|entry| entry["line"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn row(&self, number: i64) -> Option<Value> {
        self.rows().into_iter().find(|row| row["id"] == number)
    }

    pub(crate) fn rows(&self) -> Vec<Value> {
        self.control("findings", &Value::Null).as_array().unwrap().clone()
    }

    pub(crate) fn dojo(&self) -> DefectDojo {
        self.dojo_as(ADMIN, Binding { repositories: vec!["github.com/acme/shop".to_owned()], ..Binding::default() })
    }

    pub(crate) fn dojo_as(&self, token: &'static str, binding: Binding) -> DefectDojo {
        let url = Url::parse(&self.url).unwrap();
        // Between attempts nothing is waited for: time is no part of what is tested.
        let mut options = Options::default().waiting(|_, _| {});
        (options.page, options.deadline) = (4, Duration::from_secs(20));
        DefectDojo::new(client(&self.url, token), &url, "central", binding, normalise).with(options)
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn shop(test: &Value) -> Value {
    json!({"products": [{"name": "shop", "engagements": [
        {"name": "main", "repository": "https://github.com/Acme/shop.git", "tests": [test]},
    ]}]})
}

/// A Bandit finding at `line` of `path`, in code that says `code` and stands between two other lines.
pub(crate) fn bandit(path: &str, line: u32, code: &str) -> Value {
    let (before, after) = (line - 1, line + 1);
    json!({
        "title": "Use of eval.", "severity": "Medium", "file_path": path, "line": line, "scanner_confidence": 2,
        "vuln_id_from_tool": "blacklist:B307",
        "references": "https://bandit.readthedocs.io/en/1.9.4/blacklists/blacklist_calls.html",
        "description": format!("**Test Name:** `blacklist`\n**Test ID:** `B307`\n**Filename:** `{path}`\n**Line number:** `{line}`\n**Code:**\n```\n{before} def f(x):\n{line}     {code}\n{after}     return x\n\n```"),
    })
}

/// What a store does with pulls.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) rows: BTreeMap<FindingId, Finding>,
    pub(crate) cursor: Option<String>,
    stored: Stored,
    staged: RefCell<Vec<Finding>>,
    pub(crate) is_forgetful: bool,
}

#[derive(Default)]
struct Stored(BTreeMap<FindingId, Finding>);

impl Lookup for Stored {
    fn finding(&self, id: &FindingId) -> Result<Option<Finding>, String> {
        Ok(self.0.get(id).cloned())
    }
}

impl Sink for Memory {
    fn finding(&mut self, finding: Finding) -> Result<(), String> {
        self.staged.borrow_mut().push(finding);
        Ok(())
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        if self.is_forgetful { None } else { Some(&self.stored) }
    }
}

impl Memory {
    pub(crate) fn pull(&mut self, dojo: &DefectDojo) -> Result<Outcome, Error> {
        let cursor = self.cursor.clone();
        self.staged.borrow_mut().clear();
        let result = dojo.pull(cursor.as_deref(), self, &never, &|_| {});
        let staged = std::mem::take(&mut *self.staged.borrow_mut());
        let outcome = result?;
        if !outcome.unchanged {
            if outcome.coverage == Coverage::Whole && outcome.complete {
                self.rows.clear();
            }
            self.rows.extend(staged.into_iter().map(|finding| (finding.id.clone(), finding)));
            for id in &outcome.removed {
                self.rows.remove(id);
            }
        }
        self.cursor = Some(outcome.cursor.clone());
        self.stored.0.clone_from(&self.rows);
        Ok(outcome)
    }

    pub(crate) fn by_number(&self, number: i64) -> Option<&Finding> {
        self.rows.values().find(|finding| print(finding, "defectdojo/id") == Some(&number.to_string()))
    }

    pub(crate) fn only(&self) -> &Finding {
        assert_eq!(self.rows.len(), 1, "{:?}", self.rows.keys());
        self.rows.values().next().unwrap()
    }
}

pub(crate) fn print<'f>(finding: &'f Finding, name: &str) -> Option<&'f str> {
    finding.evidence.fingerprints.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// All findings of a server, read anew.
pub(crate) fn pulled(server: &StandIn) -> Memory {
    let mut memory = Memory::default();
    let outcome = memory.pull(&server.dojo()).unwrap();
    assert!(outcome.complete, "{:?}", outcome.problems);
    memory
}

/// A triage of `finding` as the user sees it.
pub(crate) fn triage(finding: &Finding, action: Action, reason: &str) -> Triage {
    Triage {
        key: "0191-a1b2c3d4".to_owned(),
        finding: finding.id.clone(),
        number: print(finding, "defectdojo/id").unwrap().to_owned(),
        seen: print(finding, "defectdojo/state").map(str::to_owned),
        action,
        reason: reason.to_owned(),
        is_retry: false,
    }
}

pub(crate) fn push(dojo: &DefectDojo, triage: &Triage) -> Pushed {
    dojo.push(triage, &never).unwrap()
}

pub(crate) fn refreshed(dojo: &DefectDojo, finding: &Finding) -> Finding {
    match dojo.refresh(finding, &never).unwrap() {
        Refreshed::Now(finding) => *finding,
        other => panic!("{other:?}"),
    }
}

/// The recorded exchange of that name, or `None` (said aloud) where the recordings are not at hand.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn recorded(name: &str) -> Option<Value> {
    let path = root().join("../shared/data/defectdojo").join(format!("{name}.json"));
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("skipped: the recording {name} is not at hand");
        return None;
    };
    Some(serde_json::from_slice(&bytes).unwrap())
}
