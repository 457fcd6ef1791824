//! Processes that share a store and an outbox are killed at random instants of reading and sending.
//!
//! `ASPM_TEST_KILLS` says how many kills there are; 24 without it, and 200 is what a release is held to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Central, Workspace};

const APP: &str = "def calc(x):\n    return eval(x)\n";

/// A fixed sequence, so that a failure can be looked at again as far as processes allow.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % most
    }
}

/// A finding that no other shares anything with.
fn finding(number: u64) -> Value {
    json!({
        "title": format!("Weakness {number}"), "file_path": format!("part{}/m{number}.py", number % 7), "line": 1 + number,
        "severity": "High", "cwe": 95, "vuln_id_from_tool": format!("B{number}"), "description": format!("Use {number}"),
    })
}

/// What is listed: the rule of each finding, with its id.
fn listed(workspace: &Workspace) -> BTreeMap<String, String> {
    let (code, out, err) = workspace.run(&["list", "--status", "all", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let list: Value = serde_json::from_str(&out).expect("JSON");
    let all = list["findings"].as_array().expect("findings");
    let ids: BTreeSet<&str> = all.iter().filter_map(|finding| finding["id"].as_str()).collect();
    assert_eq!(ids.len(), all.len(), "an id stands twice");
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    let by_rule: BTreeMap<String, String> =
        all.iter().map(|finding| (text(finding, "rule"), text(finding, "id"))).collect();
    assert_eq!(by_rule.len(), all.len(), "a finding stands twice");
    by_rule
}

/// What the platform has: the rule of each finding, with the finding.
fn there(central: &Central) -> BTreeMap<String, Value> {
    let all = central.control("findings", &Value::Null);
    let all = all.as_array().expect("a list").clone();
    all.into_iter()
        .map(|finding| (finding["vuln_id_from_tool"].as_str().expect("a rule").to_owned(), finding))
        .collect()
}

fn start(workspace: &Workspace, arguments: &[&str]) -> Child {
    let mut command = workspace.command(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs")
}

/// One triage that was asked for.
struct Asked {
    rule: String,
    status: &'static str,
    reason: String,
    /// The command had said that it is queued.
    is_promised: bool,
}

struct Field {
    workspace: Workspace,
    central: Central,
    dice: Dice,
    asked: Vec<Asked>,
    kills: u64,
    next: u64,
    /// About how long a command takes beside the others of a round.
    longest: Duration,
}

impl Field {
    fn new(kills: u64) -> Self {
        let workspace = Workspace::new(&[("app.py", APP)]);
        let head = workspace.git(&["rev-parse", "HEAD"]);
        let next = kills * 3 / 2 + 80;
        let findings: Vec<Value> = (1..next).map(finding).collect();
        let central = Central::start(&head, &json!(findings));
        central.bind(&workspace);
        assert_eq!(workspace.run(&["sync"]).0, 0);
        // Time for a kill to fall into every request, and what the server does is done by then.
        central.control("faults", &json!([{ "match": "", "times": 0, "do": "delay", "seconds": 0.03 }]));
        let begun = Instant::now();
        let id = &listed(&workspace)["B2"];
        let (code, out, err) = workspace.run(&["triage", id, "--status", "note", "--reason", "Undisturbed."]);
        assert_eq!(code, 0, "{out}{err}");
        let longest = begun.elapsed() * 2;
        Self { workspace, central, dice: Dice(20_261_123), asked: Vec::new(), kills: 0, next, longest }
    }

    /// Somebody else changes findings that no triage is asked of here: those whose number is even.
    fn disturb(&mut self, server: &BTreeMap<String, Value>) {
        let untouched: Vec<&Value> = server
            .values()
            .filter(|finding| finding["line"].as_u64().is_some_and(|line| line % 2 == 1) && finding["active"] == true)
            .collect();
        let chosen = |dice: &mut Dice| untouched[dice.below(untouched.len())]["id"].clone();
        let (gone, closed) = (chosen(&mut self.dice), chosen(&mut self.dice));
        let mut new = finding(self.next + self.next % 2);
        self.next += 2;
        new["test"] = json!(1);
        let mut changes = vec![json!({ "close": closed }), json!({ "create": new })];
        if self.dice.below(3) == 0 && gone != closed {
            changes.push(json!({ "delete": gone }));
        }
        self.central.control("changes", &json!(changes));
    }

    /// Starts a few processes at once and kills each at an instant of its own.
    fn round(&mut self) {
        let server = there(&self.central);
        self.disturb(&server);
        let known = listed(&self.workspace);
        let mut running: Vec<(Child, Option<Asked>)> = Vec::new();
        for status in ["false_positive", "note", "close"].into_iter().take(1 + self.dice.below(3)) {
            let is_free = |rule: &&String| {
                let number: u64 = rule[1..].parse().expect("a number");
                number % 2 == 1 && self.asked.iter().all(|asked| asked.rule != **rule)
            };
            let Some(rule) = known.keys().find(is_free).cloned() else { continue };
            let reason = format!("Reason number {} of them.", self.asked.len() + running.len());
            let arguments = ["triage", &known[&rule], "--status", status, "--reason", &reason];
            let child = start(&self.workspace, &arguments);
            running.push((child, Some(Asked { rule: rule.clone(), status, reason, is_promised: false })));
            self.asked.push(Asked { rule, status, reason: String::new(), is_promised: false });
        }
        let promised = running.len();
        running.push((start(&self.workspace, &["sync", "--full"]), None));
        running.push((start(&self.workspace, &["sync"]), None));
        let begun = Instant::now();
        let longest = usize::try_from(self.longest.as_millis()).expect("short");
        let from = self.asked.len() - promised;
        let mut kills: Vec<_> = running
            .into_iter()
            .enumerate()
            .map(|(at, started)| (Duration::from_millis(self.dice.below(longest) as u64), at, started))
            .collect();
        kills.sort_by_key(|(instant, at, _)| (*instant, *at));
        for (instant, at, (mut child, asked)) in kills {
            // The instant itself is what is tested.
            thread::sleep(instant.saturating_sub(begun.elapsed()));
            let was_running = child.try_wait().expect("it is ours").is_none();
            child.kill().expect("it is ours");
            child.wait().expect("it ends");
            self.kills += u64::from(was_running);
            let mut out = String::new();
            child.stdout.take().expect("piped").read_to_string(&mut out).expect("text");
            if let Some(asked) = asked {
                self.asked[from + at] = Asked { is_promised: out.contains("Queued"), ..asked };
            }
        }
    }

    /// With everybody alive again all that waits is sent, and nothing is missing or twice; what there was.
    fn settle(&self) -> String {
        self.central.control("calm", &Value::Null);
        let (code, out, err) = self.workspace.run(&["sync", "--full"]);
        assert_eq!(code, 0, "{out}{err}");
        let (_, out, _) = self.workspace.run(&["outbox", "list"]);
        assert!(out.contains("Nothing waits"), "{out}");
        let server = there(&self.central);
        let known = listed(&self.workspace);
        assert_eq!(
            known.keys().collect::<Vec<_>>(),
            server.keys().collect::<Vec<_>>(),
            "what is there is listed, once"
        );
        let (mut arrived, mut promised) = (0, 0);
        for Asked { rule, status, reason, is_promised } in &self.asked {
            let finding = &server[rule];
            let notes = finding["notes"].as_array().cloned().unwrap_or_default();
            let said =
                notes.iter().filter(|note| note["entry"].as_str().is_some_and(|entry| entry.starts_with(reason)));
            let said = said.count();
            assert!(said <= 1, "{rule}: {status} was said {said} times: {notes:?}");
            assert!(said == 1 || !is_promised, "{rule}: {status} was queued and is not there");
            let is_set = match *status {
                "false_positive" => finding["false_p"] == true,
                "close" => finding["is_mitigated"] == true,
                _ => true,
            };
            assert!(is_set || said == 0, "{rule}: {status} is told and not done: {finding:#}");
            arrived += said;
            promised += usize::from(*is_promised);
        }
        assert!(arrived > 0, "something was sent at all");
        format!(
            "{} kills, {} triages asked for, {promised} told to be queued, {arrived} arrived, {} findings",
            self.kills,
            self.asked.len(),
            server.len()
        )
    }
}

#[test]
fn kills_at_any_instant_lose_no_finding_and_no_triage_and_double_none() {
    let kills: u64 = std::env::var("ASPM_TEST_KILLS").map_or(24, |text| text.parse().expect("a number"));
    let mut field = Field::new(kills);
    let mut rounds = 0;
    while field.kills < kills {
        field.round();
        rounds += 1;
        assert!(rounds < 2 * kills + 40, "processes are over before they are killed");
        if rounds % 10 == 0 {
            // What was read before is there all the while.
            assert!(listed(&field.workspace).len() > 100);
        }
    }
    eprintln!("{}", field.settle());
}
