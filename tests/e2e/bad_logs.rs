//! Logs that are broken or hostile: a clear message, and everything else goes on.

use serde_json::{Value, json};

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n\ndef sh(c):\n    return os.system(c)\n";

fn good() -> Log {
    Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)"))
}

fn other() -> String {
    Log::new("Semgrep").with(result("os-system", "app.py", APP, "os.system(c)")).to_string()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn nested(depth: usize) -> String {
    let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    other().replacen('{', &format!("{{\"properties\": {{\"deep\": {deep}}},"), 1)
}

#[test]
fn a_broken_log_is_named_and_costs_no_other_findings() {
    let whole = other();
    let wrong_version = whole.replace("\"2.1.0\"", "\"1.0.0\"");
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("blank", b" \n\n ".to_vec()),
        ("words", b"findings: none".to_vec()),
        ("xml", b"<?xml version=\"1.0\"?><report/>".to_vec()),
        ("list", b"[]".to_vec()),
        ("number", b"42".to_vec()),
        ("null", b"null".to_vec()),
        ("no-runs", b"{\"version\": \"2.1.0\"}".to_vec()),
        ("truncated", whole.as_bytes()[..whole.len() * 2 / 3].to_vec()),
        ("old", wrong_version.into_bytes()),
        ("deep", format!("{}{}", "[".repeat(200_000), "]".repeat(200_000)).into_bytes()),
        ("deep-objects", "{\"a\":".repeat(200_000).into_bytes()),
        ("binary", (0..=255u8).cycle().take(100_000).collect()),
        ("latin1", b"{\"version\": \"2.1.0\", \"runs\": [\"\xe9\xff\"]}".to_vec()),
        ("zeros", vec![0; 100_000]),
        ("twice", format!("{whole}{whole}").into_bytes()),
    ];
    for (name, bytes) in cases {
        let workspace = Workspace::new(&[("app.py", APP)]);
        workspace.log("good", &good());
        workspace.write(&format!(".aspm/{name}.sarif"), &bytes);
        let mut editor = Editor::start(&workspace, Profile::push());
        editor.open("app.py");
        editor.wait_shown("app.py", &format!("the finding beside {name}"), |shown| {
            shown.iter().any(|shown| shown.text == "eval(x)")
        });
        let status = editor.wait_problem(&[&format!("{name}.sarif")]);
        assert_eq!(status["sources"][0]["state"], "partial", "{name}: {status}");
        assert!(status.to_string().len() < 20_000, "{name}: the words are for people: {status}");
        // Mended, it is read like any other.
        workspace.write(&format!(".aspm/{name}.sarif"), other());
        editor.tell_disk(&[(&format!(".aspm/{name}.sarif"), 2)]);
        editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
        editor.wait_ready();
    }
}

#[test]
fn unusual_forms_of_a_whole_log_are_read_or_refused_in_words_but_never_lost_silently() {
    let whole = other();
    let mut bom = "\u{feff}".as_bytes().to_vec();
    bom.extend_from_slice(whole.as_bytes());
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("bom", bom),
        ("utf16le", utf16(&whole, false)),
        ("utf16be", utf16(&whole, true)),
        ("deep-properties", nested(5_000).into_bytes()),
        ("spaces", whole.replace(',', " ,\r\n\t ").into_bytes()),
    ];
    for (name, bytes) in cases {
        let workspace = Workspace::new(&[("app.py", APP)]);
        workspace.log("good", &good());
        workspace.write(&format!(".aspm/{name}.sarif"), &bytes);
        let mut editor = Editor::start(&workspace, Profile::push());
        let status = editor.wait_loaded();
        let is_read = status["counts"]["open"] == 2;
        let is_told = status["state"] == "degraded" && status.to_string().contains(&format!("{name}.sarif"));
        assert!(is_read || is_told, "{name}: {status}");
        editor.open("app.py");
        editor.wait_shown("app.py", "the good finding", |shown| shown.iter().any(|shown| shown.text == "eval(x)"));
        if name == "bom" || name == "spaces" {
            assert!(is_read, "{name}: {status}");
        }
    }
}

#[test]
fn odd_results_are_kept_where_they_can_be_and_told_where_not() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut log = good().json();
    let place =
        |region: Value| json!([{ "physicalLocation": { "artifactLocation": { "uri": "app.py" }, "region": region } }]);
    let message = json!({ "text": "odd" });
    let odd = [
        json!({ "ruleId": "NOLOC", "message": message }),
        json!({ "ruleId": "EMPTYLOC", "message": message, "locations": [] }),
        json!({ "ruleId": "NOURI", "message": message, "locations": [{ "physicalLocation": {} }] }),
        json!({ "ruleId": "FAR", "message": message, "locations": place(json!({ "startLine": 1_000_000 })) }),
        json!({ "ruleId": "ZERO", "message": message, "locations": place(json!({ "startLine": 0, "startColumn": 0 })) }),
        json!({ "ruleId": "NEG", "message": message, "locations": place(json!({ "startLine": -5 })) }),
        json!({ "ruleId": "HUGE", "message": message, "locations": place(json!({ "startLine": 18_446_744_073_709_551_615_u64 })) }),
        json!({ "ruleId": "BACK", "message": message, "locations": place(json!({ "startLine": 4, "endLine": 1 })) }),
        json!({ "ruleId": "TEXT", "message": message, "locations": place(json!({ "startLine": "two" })) }),
        json!({ "ruleId": 7, "message": message, "locations": place(json!({ "startLine": 1 })) }),
        json!({ "message": message, "locations": place(json!({ "startLine": 1 })) }),
        json!("no result at all"),
        Value::Null,
    ];
    let results = log["runs"][0]["results"].as_array_mut().expect("results");
    results.extend(odd);
    workspace.write(".aspm/scan.sarif", log.to_string());
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "the good finding", |shown| {
        shown.iter().any(|shown| shown.text == "eval(x)" && shown.code == "B307")
    });
    for shown in shown {
        // Never a made-up place: what is on line 1 said so itself or is about the whole file.
        let is_first = shown.raw["range"]["start"]["line"] == 0;
        assert!(
            !is_first || !["NOLOC", "EMPTYLOC", "NOURI", "FAR", "HUGE"].contains(&shown.code.as_str()),
            "{shown:?}"
        );
        editor.hover("app.py", "eval(x)");
    }
    let status = editor.wait_loaded();
    assert!(status["counts"]["unplaced"].as_u64().is_some_and(|count| count >= 3), "without a place: {status}");
}

#[test]
fn a_log_of_50_mb_on_a_single_line_is_read() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let padding = "x".repeat(1 << 20);
    let mut log = Log::new("Bandit");
    for number in 0..50 {
        log = log.with(result("B307", "app.py", APP, "eval(x)").message(&format!("number {number} {padding}")));
    }
    let text = log.with(result("B605", "app.py", APP, "os.system(c)")).to_string();
    assert!(text.len() > 50 << 20 && !text.contains('\n'));
    workspace.write(".aspm/large.sarif", text);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    // While it is read, the editor is answered.
    editor.lenses("app.py");
    editor.wait_shown("app.py", "the last finding of the log", |shown| {
        shown.iter().any(|shown| shown.text == "os.system(c)")
    });
    let shown = editor.shown("app.py");
    assert!(shown.iter().all(|shown| shown.raw.to_string().len() < 200_000), "what is shown is bounded");
    editor.wait_loaded();
}

#[test]
fn a_log_that_is_a_folder_a_link_out_or_a_pipe_is_passed_by() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("good", &good());
    std::fs::create_dir_all(workspace.path(".aspm/folder.sarif")).expect("created");
    #[cfg(unix)]
    {
        std::fs::write(workspace.beside("outside.sarif"), other()).expect("written");
        std::os::unix::fs::symlink(workspace.beside("outside.sarif"), workspace.path(".aspm/link.sarif"))
            .expect("linked");
        std::os::unix::fs::symlink("/dev/zero", workspace.path(".aspm/endless.sarif")).expect("linked");
        std::os::unix::fs::symlink(".", workspace.path(".aspm/circle")).expect("linked");
        let pipe = std::process::Command::new("mkfifo").arg(workspace.path(".aspm/pipe.sarif")).status();
        assert!(pipe.is_ok_and(|status| status.success()), "mkfifo works");
    }
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    let status = editor.wait_loaded();
    assert_eq!(status["counts"]["open"], 1, "nothing from outside: {status}");
}
