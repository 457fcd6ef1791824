//! What no real server can be made to do.

use std::sync::Mutex;

use connectors::{Error, Outcome as Pulled, Progress, Sink};
use engine::{Effects, Snapshot};
use store::outbox::{Filter, State};

use super::*;
use crate::driver::{Driver, Judging, Listener, Places, Wish, lock};

struct Nobody;

impl Listener for Nobody {
    fn changed(&self, _: &Snapshot, _: &Effects) {}
}

/// A connector with a mistake: it panics at one finding, and takes the others.
struct Broken {
    pushed: Mutex<Vec<String>>,
}

impl Connector for Broken {
    fn kind(&self) -> &'static str {
        "defectdojo"
    }

    fn pull(
        &self,
        _: Option<&str>,
        _: &mut dyn Sink,
        _: &dyn Fn() -> bool,
        _: &dyn Fn(Progress),
    ) -> Result<Pulled, Error> {
        Ok(Pulled::default())
    }

    fn push(&self, triage: &Triage, _: &dyn Fn() -> bool) -> Result<Pushed, Error> {
        assert!(triage.number != "1", "a mistake");
        lock(&self.pushed).push(triage.number.clone());
        Ok(Pushed::Refused { reason: "no".to_owned() })
    }
}

fn finding(number: u32) -> Finding {
    let record = serde_json::json!({
        "aspm_outbox_change": 1, "id": "x", "state": {"is": "queued"}, "attempts": 0, "not_before": 0,
        "may_have_arrived": false, "problem": null, "changed_at": 0, "claim": null,
        "entry": {"source": {"origin": "", "product": "", "account": "", "name": "central"},
                  "finding": format!("central:{number:020x}"), "number": number.to_string(), "action": null,
                  "reason": "", "created_at": 0},
    });
    named(&serde_json::from_value(record).expect("a record"))
}

#[test]
fn an_entry_at_which_the_sender_panics_is_settled_and_the_others_are_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let places = Places { cache: at("cache"), data: at("data") };
    let driver = Driver::new(places, Judging::default(), Box::new(Nobody));
    let inner = &driver.inner;
    let text =
        "[[source]]\nname = \"central\"\nkind = \"defectdojo\"\nurl = \"https://dojo.example\"\nproduct = \"shop\"\n";
    let config = config::Config::parse(text, "aspm.toml").expect("a configuration");
    let source = &config.sources[0];
    let findings = [finding(1), finding(2)];
    let wishes: Vec<Wish<'_>> =
        findings.iter().map(|finding| Wish { source, finding, action: &Action::Verify, reason: "" }).collect();
    assert_eq!(driver.enqueue(folder.path(), &wishes).expect("queued").len(), 2);
    let connector = Broken { pushed: Mutex::default() };
    let mut store = Store::in_memory();
    let mut tried = 0;
    assert_eq!(send(inner, folder.path(), source, (&connector, None), &mut store, &mut tried), Ok(()));
    assert_eq!(tried, 2);
    assert_eq!(*lock(&connector.pushed), ["2"]);
    let records = outbox::open(inner).expect("open").with(|outbox| outbox.list(Filter::default())).expect("listed");
    let states: Vec<&State> = records.iter().map(|record| &record.state).collect();
    assert!(matches!(states[..], [State::Unknown, State::Refused { .. }]), "{states:?}");
    assert!(records[0].may_have_arrived, "it is looked for before it is sent again");
    assert!(records[0].problem.as_deref().is_some_and(|problem| problem.contains("failed inside aspm-lsp")));
}
