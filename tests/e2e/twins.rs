//! What several tools say about one weakness is one diagnostic; suppression comments make findings quieter.

use serde_json::json;

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "import os\n\ndef sh(c):\n    return os.system(c)\n";
const FLAGGED: &str = "os.system(c)";

#[test]
fn twins_of_several_tools_are_one_diagnostic_with_all_tools_as_source() {
    let workspace = Workspace::introducing(&[("app.py", APP)]);
    workspace
        .log("bandit", &Log::new("Bandit").with(result("B605", "app.py", APP, FLAGGED).cwe(78).level("warning")))
        .log("semgrep", &Log::new("Semgrep").with(result("os-system", "app.py", APP, "return os.system(c)").cwe(78)));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "one diagnostic", |shown| shown.len() == 1).remove(0);
    let mut tools: Vec<&str> = shown.source.split(", ").collect();
    tools.sort_unstable();
    assert_eq!(tools, ["Bandit", "Semgrep"]);
    assert_eq!(shown.severity, 1, "the loudest counts");
    assert_eq!(shown.ids.len(), 2);
    let related = shown.raw["relatedInformation"].as_array().expect("the twin");
    assert_eq!(related.len(), 1, "{related:?}");
    assert_eq!(related[0]["location"]["uri"], json!(workspace.uri("app.py")));
    let leader = shown.code.clone();
    let twin = if leader == "B605" { "os-system" } else { "B605" };
    assert!(related[0]["message"].as_str().is_some_and(|message| message.contains(twin)), "{related:?}");
    let words = editor.hover_text("app.py", FLAGGED);
    assert!(words.contains("B605") && words.contains("os-system"), "{words}");
    let status = editor.wait_ready();
    assert_eq!(status["counts"]["placed"], 2, "counts are of findings: {status}");
}

#[test]
fn a_specific_weakness_joins_a_general_one() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace
        .log("a", &Log::new("Bandit").with(result("B605", "app.py", APP, FLAGGED).cwe(78)))
        .log("b", &Log::new("Semgrep").with(result("injection", "app.py", APP, FLAGGED).cwe(77)));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "one diagnostic of two tools", |shown| shown.len() == 1 && shown[0].ids.len() == 2);
}

#[test]
fn different_or_unknown_weaknesses_stay_apart() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace
        .log("a", &Log::new("Bandit").with(result("B605", "app.py", APP, FLAGGED).cwe(78)))
        .log("b", &Log::new("Semgrep").with(result("weak-hash", "app.py", APP, FLAGGED).cwe(327)))
        .log("c", &Log::new("Other").with(result("no-cwe", "app.py", APP, FLAGGED)));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &[FLAGGED, FLAGGED, FLAGGED]);
}

#[test]
fn twins_of_two_configured_sources_are_one_diagnostic() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.write(
        "aspm.toml",
        "[[source]]\nname = \"ci\"\nkind = \"sarif\"\npath = \"ci/*.sarif\"\n\n\
         [[source]]\nname = \"nightly\"\nkind = \"sarif\"\npath = \"nightly.sarif\"\n",
    );
    let log = |tool: &str| Log::new(tool).with(result("B605", "app.py", APP, FLAGGED).cwe(78)).to_string();
    workspace.write("ci/one.sarif", log("Bandit")).write("nightly.sarif", log("Semgrep"));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor
        .wait_shown("app.py", "one diagnostic of two sources", |shown| shown.len() == 1 && shown[0].ids.len() == 2);
    let mut sources: Vec<&str> = shown[0].ids.iter().filter_map(|id| Some(id.split_once(':')?.0)).collect();
    sources.sort_unstable();
    assert_eq!(sources, ["ci", "nightly"]);
    let status = editor.wait_ready();
    let names: Vec<_> = status["sources"].as_array().expect("sources").iter().map(|source| &source["name"]).collect();
    assert_eq!(names, ["ci", "nightly"]);
}

#[test]
fn an_added_suppression_comment_makes_a_finding_a_hint_and_its_removal_loud_again() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B605", "app.py", APP, FLAGGED).cwe(78)));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let before = editor.wait_texts("app.py", &[FLAGGED]);
    assert_eq!(before[0].severity, 3, "it was there before this change");
    editor.edit("app.py", FLAGGED, "os.system(c)  # nosec B605");
    let shown = editor.wait_shown("app.py", "a hint", |shown| shown.len() == 1 && shown[0].severity == 4);
    assert!(shown[0].message.contains("suppressed by"), "{}", shown[0].message);
    assert!(shown[0].message.contains("nosec"), "{}", shown[0].message);
    assert_eq!(shown[0].raw["tags"], json!([1]), "greyed");
    editor.edit("app.py", "  # nosec B605", "");
    editor.wait_shown("app.py", "as loud as before", |shown| shown.len() == 1 && shown[0].severity == 3);
}

#[test]
fn a_suppression_of_another_rule_or_tool_changes_nothing() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B605", "app.py", APP, FLAGGED)));
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.open("app.py");
    editor.wait_texts("app.py", &[FLAGGED]);
    for comment in ["  # nosec B101", "  # nosemgrep", "  # NOSONAR"] {
        editor.edit("app.py", FLAGGED, &format!("{FLAGGED}{comment}"));
        let shown = editor.wait_shown("app.py", "one finding", |shown| shown.len() == 1);
        assert_eq!(shown[0].severity, 3, "{comment}: {}", shown[0].message);
        editor.edit("app.py", comment, "");
    }
}
