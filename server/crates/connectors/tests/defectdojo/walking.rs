//! What is asked for, when everything is read again, and that nothing is lost on the way.

use aspm_connectors::defectdojo::{Binding, Options};
use aspm_connectors::{Connector as _, Coverage, Error, ServerFault};
use finding::{Severity, StatusValue};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{ADMIN, Memory, StandIn, bandit, never, print, pulled, shop};

fn some(count: u32) -> Vec<Value> {
    (1..=count).map(|index| bandit(&format!("m{}.py", index % 7), index * 3 + 1, &format!("eval(x{index})"))).collect()
}

/// Since the server began, its changes are older than the overlap: as on the morning after.
fn old_news(server: &StandIn) {
    server.change(&json!({"advance": -3600}));
}

/// A server whose findings were all made an hour ago.
fn settled(count: u32) -> (StandIn, Memory) {
    let server = StandIn::new(&json!({}));
    old_news(&server);
    server.control("changes", &json!([]));
    let mut seed = shop(&json!({"branch_tag": "main", "findings": []}));
    seed["products"][0]["engagements"][0]["tests"][0]["findings"] = json!(
        some(count)
            .into_iter()
            .map(|mut row| {
                for time in ["created", "last_status_update", "last_reviewed"] {
                    row[time] = json!("2026-01-05T10:00:00.000000Z");
                }
                row
            })
            .collect::<Vec<_>>()
    );
    server.control("reset", &seed);
    let memory = pulled(&server);
    server.log();
    (server, memory)
}

#[test]
fn the_first_pull_reads_everything_by_number_in_overlapping_pages() {
    let server = StandIn::with(&some(10));
    let mut memory = Memory::default();
    let outcome = memory.pull(&server.dojo()).unwrap();
    assert_eq!(
        (outcome.coverage, outcome.complete, outcome.findings, memory.rows.len()),
        (Coverage::Whole, true, 10, 10)
    );
    let pages: Vec<_> = server.lines().into_iter().filter(|line| line.contains("o=id")).collect();
    let offsets: Vec<_> = pages.iter().map(|line| line.split("offset=").nth(1).unwrap().to_owned()).collect();
    assert_eq!(offsets, ["0", "3", "6"]);
    assert!(
        pages.iter().all(|line| line.contains("test__engagement__product=1&related_fields=true&o=id&limit=4")),
        "{pages:?}"
    );
    assert_eq!((outcome.scan_branch.as_deref(), outcome.scan_commit.as_deref()), (Some("main"), Some("19d17cc8")));
    assert_eq!(outcome.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), ["Bandit"]);
}

#[test]
fn when_nothing_changed_a_handful_of_small_questions_tells() {
    let (server, mut memory) = settled(30);
    let outcome = memory.pull(&server.dojo()).unwrap();
    assert!(outcome.unchanged, "{outcome:?}");
    let lines = server.lines();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for (line, parts) in lines.iter().zip([
        ["o=-last_status_update%2Cid", "limit=10"],
        ["o=-last_reviewed%2Cid", "limit=1"],
        ["o=-last_reviewed%2Cid", "limit=10"],
    ]) {
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
}

#[test]
fn a_change_of_status_or_a_remark_comes_alone() {
    let (server, mut memory) = settled(30);
    server.change(&json!({"patch": 7, "body": {"verified": true}}));
    let outcome = memory.pull(&server.dojo()).unwrap();
    assert_eq!((outcome.coverage, outcome.findings), (Coverage::Changes, 1));
    assert_eq!(print(memory.by_number(7).unwrap(), "defectdojo/state"), Some("active verified"));
    server.change(&json!({"note": 9, "entry": "hello"}));
    let outcome = memory.pull(&server.dojo()).unwrap();
    assert_eq!((outcome.coverage, outcome.findings, memory.rows.len()), (Coverage::Changes, 1, 30));
    assert_eq!(memory.by_number(9).unwrap().notes[0].text, "hello");
    server.change(&json!({"create": {"test": 1, "title": "New one.", "file_path": "new.py", "line": 3}}));
    let outcome = memory.pull(&server.dojo()).unwrap();
    assert_eq!((outcome.coverage, outcome.findings, memory.rows.len()), (Coverage::Changes, 1, 31));
}

#[test]
fn findings_that_nobody_reviewed_do_not_hide_the_reviews() {
    // The server puts them first: 12 of them, more than a page.
    let (server, mut memory) = settled(30);
    for number in 1..=12 {
        server.change(&json!({"set": number, "fields": {"last_reviewed": null}}));
    }
    memory.pull(&server.dojo()).unwrap();
    server.change(&json!({"note": 20, "entry": "hello"}));
    memory.pull(&server.dojo()).unwrap();
    assert_eq!(memory.by_number(20).unwrap().notes.len(), 1);
    server.change(&json!({"note": 3, "entry": "first"}));
    memory.pull(&server.dojo()).unwrap();
    assert_eq!(memory.by_number(3).unwrap().notes.len(), 1);
    server.log();
    assert!(memory.pull(&server.dojo()).unwrap().findings == 0);
    let lines = server.lines();
    assert_eq!(lines.len(), 4, "the border is known from the last time: {lines:?}");
}

#[test]
fn what_the_times_do_not_show_comes_with_the_next_whole_reading() {
    let (server, mut memory) = settled(10);
    server.change(&json!({"set": 3, "fields": {"severity": "Critical"}}));
    assert!(memory.pull(&server.dojo()).unwrap().unchanged);
    assert_eq!(memory.by_number(3).unwrap().severity, Severity::Medium);
    memory.cursor = None;
    memory.pull(&server.dojo()).unwrap();
    assert_eq!(memory.by_number(3).unwrap().severity, Severity::Critical);
}

#[test]
fn a_whole_reading_is_due_after_a_while() {
    let (server, mut memory) = settled(10);
    let mut options = Options::default().waiting(|_, _| {});
    options.full_every = std::time::Duration::ZERO;
    let binding = Binding { repositories: vec!["github.com/acme/shop".to_owned()], ..Binding::default() };
    let outcome = memory.pull(&server.dojo_as(ADMIN, binding).with(options)).unwrap();
    assert_eq!(outcome.coverage, Coverage::Whole);
}

#[test]
fn a_count_that_is_not_as_expected_has_everything_read_again() {
    let (server, mut memory) = settled(10);
    server.change(&json!({"delete": 4}));
    let outcome = memory.pull(&server.dojo()).unwrap();
    assert_eq!((outcome.coverage, memory.rows.len()), (Coverage::Whole, 9));
    // One gone and one new: the count is as it was, but one of them is not known.
    server.change(&json!({"delete": 5}));
    server.change(&json!({"create": {"test": 1, "title": "New one.", "file_path": "new.py", "line": 3}}));
    let outcome = memory.pull(&server.dojo()).unwrap();
    assert_eq!((outcome.coverage, memory.rows.len()), (Coverage::Whole, 9));
    assert!(memory.by_number(5).is_none() && memory.by_number(11).is_some());
}

#[test]
fn a_sink_that_remembers_nothing_gets_everything_each_time() {
    let (server, mut memory) = settled(10);
    memory.is_forgetful = true;
    assert_eq!(memory.pull(&server.dojo()).unwrap().coverage, Coverage::Whole);
}

#[test]
fn a_cursor_that_is_not_understood_or_of_another_binding_begins_anew() {
    let (server, mut memory) = settled(5);
    let good = memory.cursor.clone().unwrap();
    let other = good.replace("\"version\":1", "\"version\":2");
    assert_ne!(good, other);
    for cursor in [other, good.replace("acme/shop", "acme/shoq"), "{}".to_owned(), String::new(), "x".to_owned()] {
        memory.cursor = Some(cursor.clone());
        assert_eq!(memory.pull(&server.dojo()).unwrap().coverage, Coverage::Whole, "{cursor}");
    }
}

#[test]
fn rows_that_appear_and_vanish_between_pages_are_neither_lost_nor_kept() {
    let server = StandIn::with(&some(14));
    server.fault(&json!({"match": "o=id", "skip": 1, "do": "change", "changes": [{"delete": 1}, {"delete": 2}]}));
    server.fault(&json!({"match": "o=id", "skip": 4, "do": "change", "changes": [
        {"create": {"test": 1, "title": "New one.", "file_path": "new.py", "line": 3}}, {"delete": 9},
    ]}));
    let mut memory = Memory::default();
    let outcome = memory.pull(&server.dojo()).unwrap();
    assert!(outcome.complete, "{:?}", outcome.problems);
    let mut numbers: Vec<i64> =
        memory.rows.values().map(|finding| print(finding, "defectdojo/id").unwrap().parse().unwrap()).collect();
    numbers.sort_unstable();
    let expected: Vec<i64> = server.rows().iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn a_list_that_never_holds_still_is_not_taken_for_complete() {
    let server = StandIn::with(&some(14));
    for skip in 1..40 {
        server.fault(&json!({"match": "o=id", "skip": skip, "do": "change", "changes": [{"set": 1, "fields": {}}]}));
    }
    // Each page loses the row that the next one should begin with.
    let deletions: Vec<Value> = (2..14)
        .map(|number| json!({"match": "o=id", "skip": number - 1, "do": "change", "changes": [{"delete": number}]}))
        .collect();
    server.control("faults", &json!(deletions));
    let mut memory = Memory::default();
    match memory.pull(&server.dojo()) {
        Ok(outcome) if outcome.complete => assert_eq!(memory.rows.len(), server.rows().len()),
        Ok(outcome) => {
            assert_eq!(outcome.coverage, Coverage::Changes);
            assert!(!outcome.problems.is_empty());
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_filter_that_is_ignored_is_noticed() {
    let (server, _) = settled(5);
    let mut body = json!({"count": 1, "next": null, "previous": null, "prefetch": {}});
    let mut row = server.row(1).unwrap();
    row["related_fields"] = json!({"test": {"engagement": {"id": 9, "product": {"id": 9, "name": "other"}}}});
    body["results"] = json!([row]);
    server.fault(&json!({"match": "o=id", "do": "garbage", "body": body.to_string()}));
    let error = Memory::default().pull(&server.dojo()).unwrap_err();
    assert!(matches!(&error, Error::Server { fault: ServerFault::Unsound, .. }), "{error}");
    assert!(error.to_string().contains("ignores the filter"), "{error}");
}

#[test]
fn a_pull_can_be_given_up_at_any_point() {
    let server = StandIn::with(&some(10));
    for after in 0..12 {
        let asked = std::cell::Cell::new(0);
        let mut sink = Memory::default();
        let result = server.dojo().pull(
            None,
            &mut sink,
            &|| {
                asked.set(asked.get() + 1);
                asked.get() > after * 3
            },
            &|_| {},
        );
        match result {
            Err(error) => assert_eq!(error, Error::Cancelled),
            Ok(outcome) => assert!(outcome.complete),
        }
    }
    assert!(server.dojo().pull(None, &mut Memory::default(), &never, &|_| {}).is_ok());
}

#[test]
fn twenty_thousand_are_read_in_pages_of_the_usual_size() {
    let server = StandIn::new(&shop(&json!({"generate": 20_000})));
    let mut options = Options::default();
    options.page = 200;
    let binding = Binding { repositories: vec!["github.com/acme/shop".to_owned()], ..Binding::default() };
    let mut memory = Memory::default();
    let outcome = memory.pull(&server.dojo_as(ADMIN, binding).with(options)).unwrap();
    assert_eq!((outcome.complete, outcome.findings, memory.rows.len()), (true, 20_000, 20_000));
    assert_eq!(outcome.logs, 101);
}

#[derive(Debug, Clone)]
enum Event {
    Pull,
    CutPull(u32),
    Change(Value),
}

fn event() -> impl Strategy<Value = Event> {
    let number = 1i64..14;
    let flags = prop_oneof![
        Just(json!({"verified": true})),
        Just(json!({"false_p": true, "active": false, "verified": false})),
        Just(json!({"active": true})),
    ];
    prop_oneof![
        3 => Just(Event::Pull),
        2 => (0u32..5).prop_map(Event::CutPull),
        3 => (number.clone(), flags).prop_map(|(number, body)| Event::Change(json!({"patch": number, "body": body}))),
        1 => number.clone().prop_map(|number| Event::Change(json!({"note": number, "entry": "hello"}))),
        1 => number.clone().prop_map(|number| Event::Change(json!({"delete": number}))),
        1 => number.prop_map(|number| Event::Change(json!({"set": number, "fields": {"severity": "High"}}))),
        2 => (0u32..3, 0u32..9).prop_map(|(file, line)| {
            let mut row = bandit(&format!("m{file}.py"), line + 2, "eval(again)");
            row["test"] = json!(1);
            Event::Change(json!({"create": row}))
        }),
        1 => proptest::collection::vec(1u32..12, 0..8).prop_map(|lines| {
            let rows: Vec<Value> = lines.into_iter().map(|line| bandit("m1.py", line * 3 + 1, "eval(again)")).collect();
            Event::Change(json!({"reimport": 1, "rows": rows}))
        }),
    ]
}

#[test]
fn any_interleaving_of_changes_pulls_and_cuts_comes_to_what_the_server_has() {
    let server = StandIn::new(&json!({}));
    let seed = shop(&json!({"findings": some(8)}));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let events = proptest::collection::vec(event(), 1..14);
    let ended = runner.run(&events, |events| {
        server.control("reset", &seed);
        let dojo = server.dojo();
        let mut memory = Memory::default();
        for event in events {
            match event {
                Event::Change(change) => server.try_change(&change),
                Event::Pull => {
                    let outcome = memory.pull(&dojo).unwrap();
                    prop_assert!(outcome.complete || outcome.unchanged);
                    // Everything that the times show is here now.
                    for row in server.rows() {
                        let number = row["id"].as_i64().unwrap();
                        let is_open = row["is_mitigated"] == false && row["active"] == true;
                        let Some(found) = memory.by_number(number) else {
                            prop_assert!(!is_open, "finding {} is missing", number);
                            continue;
                        };
                        let is_carried = print(found, "defectdojo/carried").is_some();
                        prop_assert!(is_carried || is_open == (found.status.value == StatusValue::Open), "{}", number);
                    }
                }
                Event::CutPull(skip) => {
                    server.fault(&json!({"match": "findings/", "do": "cut_body", "skip": skip, "times": 0}));
                    let before = memory.cursor.clone();
                    if let Ok(outcome) = memory.pull(&dojo)
                        && !outcome.complete
                        && !outcome.unchanged
                    {
                        prop_assert_eq!(memory.cursor.clone().unwrap_or_default(), before.unwrap_or_default());
                        prop_assert_eq!(outcome.coverage, Coverage::Changes);
                    }
                    server.control("calm", &Value::Null);
                }
            }
        }
        // Read whole, and read by somebody who never read before: the same, and what the server has.
        memory.cursor = None;
        memory.pull(&dojo).unwrap();
        let anew = pulled(&server);
        prop_assert_eq!(&memory.rows, &anew.rows);
        let open = server.rows().iter().filter(|row| row["is_mitigated"] == false).count();
        let here = memory
            .rows
            .values()
            .filter(|finding| !print(finding, "defectdojo/state").unwrap().contains("mitigated"))
            .count();
        prop_assert_eq!(here, open);
        Ok(())
    });
    ended.unwrap_or_else(|error| panic!("{error}"));
}
