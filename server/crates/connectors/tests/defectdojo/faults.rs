//! What servers and networks do to a pull: it comes through, or it says what is missing; never a short "complete".

use aspm_connectors::{Connector as _, Coverage, Error, Progress};
use serde_json::{Value, json};

use crate::support::{Memory, StandIn, bandit, never, pulled, recorded};

fn server() -> StandIn {
    StandIn::with(&(1..=10).map(|index| bandit("a.py", index * 5, &format!("eval(x{index})"))).collect::<Vec<_>>())
}

#[test]
fn what_passes_is_asked_again() {
    for fault in [
        json!({"do": "cut_before"}),
        json!({"do": "cut_after"}),
        json!({"do": "cut_body"}),
        json!({"do": "status", "status": 500, "body": "<h1>Server Error (500)</h1>"}),
        json!({"do": "status", "status": 503, "headers": {"Retry-After": "1"}}),
        json!({"do": "status", "status": 429, "headers": {"Retry-After": "2"}}),
    ] {
        for skip in 0..4 {
            let server = server();
            let mut fault = fault.clone();
            fault["match"] = json!("findings/");
            fault["skip"] = json!(skip);
            fault["times"] = json!(2);
            server.fault(&fault);
            assert_eq!(pulled(&server).rows.len(), 10, "{fault}");
        }
    }
}

#[test]
fn what_stays_is_told_and_what_came_before_is_kept_as_a_part() {
    for (fault, expected) in [
        (json!({"do": "cut_body"}), "broke off"),
        (json!({"do": "status", "status": 500}), "answered 500"),
        (json!({"do": "status", "status": 429, "headers": {"Retry-After": "3600"}}), "fewer requests (in 3600 s)"),
        (
            json!({"do": "status", "status": 403, "body": "{\"detail\": \"Invalid token.\"}", "type": "application/json"}),
            "does not know the API token",
        ),
        (json!({"do": "truncate"}), "could not be understood"),
        (json!({"do": "garbage", "body": "<html>Please sign in</html>"}), "a web page came instead of data"),
        (json!({"do": "garbage", "body": "[]"}), "a list without a count came"),
        (json!({"do": "garbage", "body": "{}"}), "a list without a count came"),
        (json!({"do": "garbage", "body": "{\"count\": -1, \"results\": []}"}), "a list without a count came"),
        (json!({"do": "garbage", "body": "{\"count\": 1e18, \"results\": []}"}), "sends fewer rows than it says"),
        (json!({"do": "garbage", "body": format!("{}1", "[".repeat(100_000))}), "could not be understood"),
        (
            json!({"do": "garbage", "body": format!("{{\"count\": 1, \"results\": {}", "[".repeat(100_000))}),
            "could not be understood",
        ),
        (json!({"do": "huge"}), "larger than 64 MiB"),
        (json!({"do": "redirect", "to": "http://127.0.0.1:9/api/v2/findings/"}), "not a server you allow"),
        (json!({"do": "redirect", "to": "https://elsewhere.example/"}), "not a server you allow"),
    ] {
        for skip in [0, 2] {
            let server = server();
            let dojo = server.dojo();
            let mut fault = fault.clone();
            fault["match"] = json!("o=id");
            fault["skip"] = json!(skip);
            fault["times"] = json!(0);
            server.fault(&fault);
            let mut memory = Memory::default();
            let shown = fault.to_string().chars().take(100).collect::<String>();
            match memory.pull(&dojo) {
                Err(error) => {
                    assert!(error.to_string().contains(expected), "{shown}: {error}");
                    assert_eq!(skip, 0, "{shown}: what came before is not thrown away");
                    assert_eq!(memory.cursor, None);
                }
                Ok(outcome) => {
                    assert_eq!(
                        (outcome.complete, outcome.unchanged, outcome.coverage),
                        (false, false, Coverage::Changes),
                        "{shown}"
                    );
                    let told = outcome.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                    assert!(
                        told.contains("read in part only (7 findings came)") && told.contains(expected),
                        "{shown}: {told}"
                    );
                    assert_eq!((skip, memory.rows.len()), (2, 7), "{shown}");
                }
            }
            // The next pull begins anew and is whole.
            server.control("calm", &Value::Null);
            let outcome = memory.pull(&dojo).unwrap();
            assert_eq!((outcome.coverage, outcome.complete, memory.rows.len()), (Coverage::Whole, true, 10), "{shown}");
        }
    }
}

#[test]
fn a_failed_pull_of_changes_leaves_everything_as_it_was() {
    let server = server();
    let mut memory = pulled(&server);
    let (rows, cursor) = (memory.rows.clone(), memory.cursor.clone());
    server.change(&json!({"patch": 3, "body": {"verified": true}}));
    for skip in 0..3 {
        server.fault(&json!({"match": "o=-", "do": "truncate", "skip": skip, "times": 0}));
        assert!(memory.pull(&server.dojo()).is_err(), "{skip}");
        assert_eq!((&memory.rows, &memory.cursor), (&rows, &cursor), "{skip}");
        server.control("calm", &Value::Null);
    }
    memory.pull(&server.dojo()).unwrap();
    assert_ne!(memory.rows, rows);
}

#[test]
fn an_order_that_is_not_kept_has_everything_read_by_number() {
    let server = server();
    let mut memory = pulled(&server);
    server.change(&json!({"patch": 3, "body": {"verified": true}}));
    let rows: Vec<Value> = [1, 3, 2]
        .iter()
        .map(|number| {
            let mut row = server.row(*number).unwrap();
            row["related_fields"] = json!({"test": {"engagement": {"id": 1, "product": {"id": 1, "name": "shop"}}}});
            row
        })
        .collect();
    let body = json!({"count": 3, "results": rows}).to_string();
    server.fault(&json!({"match": "o=-last_status", "do": "garbage", "body": body, "times": 0}));
    let outcome = memory.pull(&server.dojo()).unwrap();
    assert_eq!((outcome.coverage, outcome.complete), (Coverage::Whole, true));
}

#[test]
fn a_page_that_takes_too_long_is_asked_for_in_smaller_ones() {
    let server =
        StandIn::with(&(1..=30).map(|index| bandit("a.py", index * 5, &format!("eval(x{index})"))).collect::<Vec<_>>());
    // Large pages never come in time; small ones do.
    server.fault(&json!({"match": "o=id&limit=(40|20)&", "do": "delay", "seconds": 3, "times": 0}));
    let mut options = aspm_connectors::defectdojo::Options::default().waiting(|_, _| {});
    (options.page, options.deadline) = (40, std::time::Duration::from_millis(1_500));
    let mut memory = Memory::default();
    let outcome = memory.pull(&server.dojo().with(options)).unwrap();
    assert_eq!((outcome.complete, memory.rows.len()), (true, 30));
}

#[test]
fn a_servers_clock_that_runs_ahead_hides_nothing() {
    let server = server();
    server.change(&json!({"date_skew": 86_400}));
    let mut memory = pulled(&server);
    server.change(&json!({"date_skew": 0}));
    server.change(&json!({"patch": 3, "body": {"verified": true}}));
    memory.pull(&server.dojo()).unwrap();
    let state = memory.by_number(3).unwrap().evidence.fingerprints.iter().find(|(name, _)| name == "defectdojo/state");
    assert_eq!(state.unwrap().1, "active verified");
}

#[test]
fn no_credential_leaves_its_origin() {
    let server = server();
    let other = StandIn::with(&[]);
    server.fault(
        &json!({"match": "/api/", "do": "redirect", "to": format!("{}/api/v2/user_profile/", other.url), "times": 0}),
    );
    assert!(server.dojo().health(&never).is_err());
    assert!(Memory::default().pull(&server.dojo()).is_err());
    assert!(other.log().is_empty(), "nobody is asked who was not listed");
}

#[test]
fn progress_grows_and_ends_at_the_total() {
    let server = server();
    let told = std::cell::RefCell::new(Vec::new());
    let keep = |progress: Progress| told.borrow_mut().push((progress.done, progress.total));
    server.dojo().pull(None, &mut Memory::default(), &never, &keep).unwrap();
    assert_eq!(told.borrow().last(), Some(&(10, 10)));
    let stopped = server.dojo().pull(None, &mut Memory::default(), &|| true, &keep);
    assert_eq!(stopped.unwrap_err(), Error::Cancelled);
}

#[test]
fn a_recorded_refusal_reads_as_it_was() {
    let Some(recorded) = recorded("03-bad-token") else { return };
    let server = server();
    server.fault(&json!({"match": "o=id", "do": "status", "status": recorded["status"], "body": recorded["body"].to_string(), "type": "application/json"}));
    let error = Memory::default().pull(&server.dojo()).unwrap_err();
    assert!(error.to_string().contains("does not know the API token"), "{error}");
}
