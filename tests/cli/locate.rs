//! `locate`: queries in, answers out, in order, in each mode.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

fn answers(sandbox: &Sandbox, queries: &[Value]) -> (i32, Vec<Value>) {
    let input = queries.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let ran = sandbox.feed(&["locate"], &input);
    (ran.code, ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The part of an answer that a query asks for.
fn told(answer: &Value) -> (&str, Option<&str>, Option<u64>) {
    (answer["state"].as_str().unwrap(), answer["path"].as_str(), answer["line"].as_u64())
}

const OLD: &str = "import os\n\ndef f(x):\n    return eval(x)\n\ndef g(y):\n    return os.system(y)\n";

fn full(id: &str, range: [u32; 4], files: &Value) -> Value {
    json!({ "id": id, "path_a": "a.py", "range_a": range, "rule": "r", "siblings_a": [range], "content_a": OLD, "files_b": files })
}

#[test]
fn with_the_scanned_text_code_is_found_moved_renamed_or_gone() {
    let sandbox = Sandbox::new();
    let longer = OLD.replace("import os\n", "import os\nimport sys\n");
    let without = OLD.replace("    return eval(x)\n", "    return int(x)\n");
    let (code, answers) = answers(
        &sandbox,
        &[
            full("same", [4, 12, 4, 19], &json!({ "a.py": OLD })),
            full("moved", [4, 12, 4, 19], &json!({ "a.py": longer })),
            full("renamed", [7, 12, 7, 24], &json!({ "lib/b.py": longer, "c.py": "print()\n" })),
            full("gone", [4, 12, 4, 19], &json!({ "a.py": without })),
        ],
    );
    assert_eq!(code, 0);
    let ids: Vec<&str> = answers.iter().map(|answer| answer["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["same", "moved", "renamed", "gone"], "in the order of the queries");
    assert_eq!(told(&answers[0]), ("present", Some("a.py"), Some(4)));
    assert_eq!(answers[0]["placement"], "exact");
    assert_eq!(told(&answers[1]), ("present", Some("a.py"), Some(5)));
    assert_eq!(answers[1]["range"], json!([5, 12, 5, 19]));
    assert_eq!(told(&answers[2]), ("present", Some("lib/b.py"), Some(8)));
    assert_eq!(answers[3]["state"], "gone");
    assert!(answers.iter().all(|answer| !answer["reason"].as_str().unwrap().is_empty()));
}

#[test]
fn with_the_flagged_line_alone_its_text_is_found() {
    let sandbox = Sandbox::new();
    let query = json!({
        "id": 7, "path_a": "a.py", "range_a": [4, 12, 4, 19], "rule": "r", "siblings_a": [], "content_a": null,
        "snippet": { "line": "    return eval(x)", "before": ["", "def f(x):"], "after": ["", "def g(y):"] },
        "files_b": { "a.py": OLD.replace("import os\n", "import os\nimport sys\n") },
    });
    let (code, answers) = answers(&sandbox, &[query]);
    assert_eq!(code, 0);
    assert_eq!(answers[0]["id"], 7);
    assert_eq!(told(&answers[0]), ("present", Some("a.py"), Some(5)));
}

#[test]
fn in_a_clone_code_is_followed_through_renames_and_into_other_files() {
    let (sandbox, shop) = Sandbox::with_demo();
    let history: Value = serde_json::from_str(
        &std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/server/src/cli/demo/assets/history.json"))
            .unwrap(),
    )
    .unwrap();
    let commits = history["commits"].as_array().unwrap();
    let scanned = commits.iter().find(|commit| commit["scanned"] == true).unwrap();
    let query = |id: &str, path: &str, range: [u32; 4], now: &Value| {
        json!({ "id": id, "path_a": path, "range_a": range, "rule": "r", "siblings_a": [range], "clone": shop,
                "commit_a": scanned["id"], "commit_b": now["id"] })
    };
    let last = commits.last().unwrap();
    let (code, answers) = answers(
        &sandbox,
        &[
            query("renamed", "api/carriers.py", [28, 14, 28, 102], last),
            query("to another file", "api/carriers.py", [14, 15, 14, 50], last),
            query("before it went", "api/carriers.py", [14, 15, 14, 50], scanned),
            query("deleted", "web/discount.js", [8, 21, 8, 48], last),
        ],
    );
    assert_eq!(code, 0);
    assert_eq!(told(&answers[0]), ("present", Some("api/carrier_client.py"), Some(26)));
    assert_eq!(told(&answers[1]), ("present", Some("api/tariffs.py"), Some(13)));
    assert_eq!(told(&answers[2]), ("present", Some("api/carriers.py"), Some(14)));
    assert_eq!(answers[3]["state"], "gone");
}

#[test]
fn a_bad_line_is_answered_with_what_is_wrong_and_the_others_with_answers() {
    let sandbox = Sandbox::new();
    let good = full("good", [4, 12, 4, 19], &json!({ "a.py": OLD }));
    let input = format!(
        "{{\"id\": \"half\"\n\n{}\n{}\n{}\n{good}\n",
        json!({ "id": "typed", "path_a": 1 }),
        json!({ "id": "nothing", "path_a": "a.py", "range_a": [1, 1, 1, 2], "rule": "r" }),
        json!({ "id": "lost", "path_a": "a.py", "range_a": [1, 1, 1, 2], "rule": "r", "clone": sandbox.path("nowhere"),
                "commit_a": "1234567", "commit_b": "1234567" }),
    );
    let ran = sandbox.feed(&["locate"], &input);
    assert_eq!(ran.code, 1);
    let answers: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 5, "an empty line is no query");
    assert_eq!(answers[0]["id"], Value::Null);
    for (answer, id) in answers[1..4].iter().zip(["typed", "nothing", "lost"]) {
        assert_eq!(answer["id"], id);
        assert!(answer["error"].as_str().unwrap().starts_with("query "), "{answer}");
    }
    assert_eq!(told(&answers[4]), ("present", Some("a.py"), Some(4)));
}

#[test]
fn many_queries_keep_their_order() {
    let sandbox = Sandbox::new();
    let queries: Vec<Value> =
        (0..200).map(|number| full(&number.to_string(), [4, 12, 4, 19], &json!({ "a.py": OLD }))).collect();
    let (code, answers) = answers(&sandbox, &queries);
    assert_eq!(code, 0);
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer["id"], number.to_string());
    }
    assert_eq!(answers.len(), 200);
}
