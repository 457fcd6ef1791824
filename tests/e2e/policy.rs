//! One verdict everywhere, and no change opens its own gate.

use serde_json::{Value, json};

use crate::support::{Editor, Log, Profile, Workspace, result};

pub(super) const OLD: &str = "import os\n\ndef sh(c):\n    return os.system(c)\n";
pub(super) const NEW: &str = "import os\n\ndef sh(c):\n    return os.system(c)\n\ndef calc(x):\n    return eval(x)\n";

/// A branch that adds `eval(x)`, scanned there; `os.system(c)` was there before.
pub(super) fn branch() -> Workspace {
    let workspace = Workspace::new(&[("app.py", OLD)]);
    workspace.git(&["switch", "--quiet", "--create", "feature"]);
    workspace.write("app.py", NEW);
    workspace.log("scan", &scan());
    workspace
}

pub(super) fn scan() -> Log {
    Log::new("Bandit")
        .with(result("B605", "app.py", NEW, "os.system(c)"))
        .with(result("B307", "app.py", NEW, "eval(x)"))
}

/// The rule's finding in a report.
pub(super) fn of<'r>(report: &'r Value, rule: &str) -> &'r Value {
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("no {rule} in {report:#}"))
}

pub(super) fn json_of(workspace: &Workspace, arguments: &[&str]) -> (i32, Value) {
    let (code, out, err) = workspace.run(&[&["check", "--format", "json"], arguments].concat());
    let report = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    (code, report)
}

#[test]
fn the_same_change_has_the_same_verdict_in_the_same_words_everywhere() {
    let workspace = branch();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "two findings", |shown| shown.len() == 2);
    let blocks = shown.iter().find(|shown| shown.code == "B307").expect("the new one");
    let informs = shown.iter().find(|shown| shown.code == "B605").expect("the old one");
    assert_eq!((blocks.severity, informs.severity), (1, 3));
    let in_editor = editor.request("aspm/gate", json!({ "uri": workspace.uri("app.py") }));
    assert_eq!(in_editor["outcome"], "violations", "{in_editor:#}");

    workspace.git(&["add", "app.py"]);
    let (staged_code, staged) = json_of(&workspace, &["--staged"]);
    let (hook_code, hook) = json_of(&workspace, &["--hook"]);
    let (all_code, all) = json_of(&workspace, &["--all"]);
    workspace.commit("calc");
    let (diff_code, diff) = json_of(&workspace, &["--diff", "main"]);
    assert_eq!([staged_code, hook_code, all_code, diff_code], [1; 4]);
    for report in [&staged, &hook, &all, &diff] {
        for rule in ["B307", "B605"] {
            let (there, here) = (of(report, rule), of(&in_editor, rule));
            for part in ["verdict", "change", "id", "exception"] {
                assert_eq!(there[part], here[part], "{rule} {part} in {report:#}");
            }
        }
        assert_eq!(report["violations"], in_editor["violations"]);
        assert_eq!(report["policies"], in_editor["policies"]);
    }
    assert_eq!(of(&in_editor, "B307")["change"], "introduced");
    assert_eq!(of(&in_editor, "B605")["change"], "existing");

    // The words a person reads: on the squiggle, in the hover, in the terminal.
    let words = of(&in_editor, "B307")["verdict"]["reasons"][0]["message"].as_str().expect("words").to_owned();
    let words = words.trim_end_matches('.');
    assert!(blocks.message.contains(words), "{} says not {words}", blocks.message);
    assert!(editor.hover_text("app.py", "eval(x)").contains(words));
    let (_, human, _) = workspace.run(&["check", "--diff", "main"]);
    let unwrapped = human.split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ");
    assert!(unwrapped.contains(words), "{human}");
}

#[test]
fn the_index_is_judged_not_the_disk() {
    let workspace = branch();
    workspace.git(&["add", "app.py"]);
    // Fixed on disk only: the commit would still be bad.
    workspace.write("app.py", NEW.replace("eval(x)", "int(x)"));
    let (code, report) = json_of(&workspace, &["--staged"]);
    assert_eq!(code, 1, "{report:#}");
    // Good in the index, bad on disk: the commit is good.
    workspace.git(&["add", "app.py"]);
    workspace.write("app.py", NEW);
    let (code, report) = json_of(&workspace, &["--staged"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["outcome"], "pass");
}

#[test]
fn an_edit_of_flagged_code_is_touched_and_code_that_only_moved_is_not() {
    let workspace = Workspace::new(&[("app.py", OLD)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B605", "app.py", OLD, "os.system(c)")));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "an existing one", |shown| shown.len() == 1 && shown[0].severity == 3);
    editor.edit("app.py", "import os\n", "import os\n\n\nimport sys\n");
    editor.wait_shown("app.py", "moved, still existing", |shown| shown.len() == 1 && shown[0].severity == 3);
    editor.edit("app.py", "os.system(c)", "os.system(c.strip())");
    let shown = editor.wait_shown("app.py", "touched", |shown| shown.len() == 1 && shown[0].severity == 2);
    assert!(shown[0].message.contains("Warns: "), "{}", shown[0].message);
}

#[test]
fn an_exception_of_this_change_is_asked_for_and_one_that_was_merged_counts() {
    let workspace = branch();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "a blocked one", |shown| shown.iter().any(|shown| shown.severity == 1));
    let id = shown.iter().find(|shown| shown.severity == 1).expect("blocked").ids[0].clone();
    let answer = editor
        .command("aspm.triage", json!({ "ids": [id], "status": "false_positive", "reason": "Only numbers reach it." }));
    assert!(answer.is_ok(), "{answer:?}");
    editor.wait_said("counts once it is merged");
    editor.wait_shown("app.py", "asked for", |shown| shown.len() == 2 && shown.iter().all(|shown| shown.severity > 1));
    let text = workspace.read(".aspm/exceptions.yaml");
    assert!(text.contains("Only numbers reach it."), "{text}");
    editor.wait_ready();

    workspace.git(&["add", "--force", "app.py", ".aspm/exceptions.yaml"]);
    let (code, report) = json_of(&workspace, &["--staged"]);
    assert_eq!(code, 0, "the hook lets a requested one pass: {report:#}");
    assert_eq!(of(&report, "B307")["exception"]["state"], "requested");
    assert_eq!(of(&report, "B307")["verdict"]["action"], "warn");
    assert_eq!(report["gate_changes"], json!([{ "path": ".aspm/exceptions.yaml", "what": "added" }]));
    workspace.git(&["commit", "--quiet", "--message", "calc, with an exception"]);
    let (code, report) = json_of(&workspace, &["--diff", "main"]);
    assert_eq!(code, 1, "CI does not: {report:#}");

    // The exception alone passes, and counts once it is merged.
    let text = workspace.read(".aspm/exceptions.yaml");
    workspace.git(&["switch", "--quiet", "main"]);
    workspace.write(".aspm/exceptions.yaml", text);
    workspace.git(&["add", "--force", ".aspm/exceptions.yaml"]);
    workspace.git(&["commit", "--quiet", "--message", "exception"]);
    workspace.git(&["switch", "--quiet", "feature"]);
    workspace.git(&["rebase", "--quiet", "--strategy-option=theirs", "main"]);
    let (code, report) = json_of(&workspace, &["--diff", "main"]);
    assert_eq!(code, 0, "{report:#}");
    let hidden = report["findings"].as_array().expect("findings").iter().all(|finding| finding["rule"] != "B307");
    assert!(hidden, "{report:#}");
}

#[test]
fn a_suppression_comment_of_the_same_change_warns_and_no_less() {
    let workspace = branch();
    workspace.write("app.py", NEW.replace("eval(x)", "eval(x)  # nosec B307"));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "two findings", |shown| shown.len() == 2);
    let new = shown.iter().find(|shown| shown.code == "B307").expect("the new one");
    assert_eq!(new.severity, 2, "{}", new.message);
    workspace.git(&["add", "app.py"]);
    let (code, report) = json_of(&workspace, &["--staged"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(of(&report, "B307")["verdict"]["action"], "warn");
    assert_eq!(of(&report, "B307")["exception"]["origin"], "comment");
}

#[test]
fn a_change_of_policy_configuration_or_scan_takes_effect_only_once_merged() {
    let allow = "package aspm\n\nverdict := {\"action\": \"hide\", \"risk\": 0, \"factors\": [], \"reasons\": []}\n";
    let workspace = branch();
    // The scan is in git from now on, and says what it says.
    workspace.git(&["stash", "--quiet"]);
    workspace.git(&["switch", "--quiet", "main"]);
    workspace.write("aspm.toml", "[[source]]\nkind = \"sarif\"\npath = \"reports/*.sarif\"\n");
    workspace.write("reports/scan.sarif", scan().to_string());
    workspace.commit("scan in git");
    workspace.git(&["switch", "--quiet", "feature"]);
    workspace.git(&["merge", "--quiet", "main"]);
    workspace.git(&["stash", "pop", "--quiet"]);
    // The change brings a policy that allows all, names it, and takes the finding out of the log.
    workspace.write("policy/allow.rego", allow);
    workspace
        .write("aspm.toml", "[policy]\nbundle = \"policy/\"\n[[source]]\nkind = \"sarif\"\npath = \"none/*.sarif\"\n");
    workspace.write("reports/scan.sarif", Log::new("Bandit").to_string());
    workspace.git(&["add", "app.py", "policy", "aspm.toml", "reports"]);
    let (code, report) = json_of(&workspace, &["--staged"]);
    assert_eq!(code, 1, "{report:#}");
    assert_eq!(of(&report, "B307")["verdict"]["action"], "block");
    assert_eq!(report["policies"][0]["origin"], "built in");
    let changes = report["gate_changes"].as_array().expect("gate changes");
    let paths: Vec<&str> = changes.iter().filter_map(|change| change["path"].as_str()).collect();
    assert_eq!(paths, ["aspm.toml", "reports/scan.sarif"]);
    workspace.git(&["commit", "--quiet", "--message", "all allowed"]);
    assert_eq!(json_of(&workspace, &["--diff", "main"]).0, 1);
}

#[test]
fn the_organisations_policy_wins_and_its_changes_are_seen_at_once() {
    let workspace = branch();
    let folder = workspace.beside("policy");
    std::fs::create_dir_all(&folder).expect("created");
    let write = |block_at: u32| {
        let data = json!({ "aspm": { "settings": { "block_at": block_at, "warn_at": block_at } } });
        std::fs::write(folder.join("data.json"), data.to_string()).expect("written");
    };
    write(100);
    workspace.user_config(&format!("[policy]\nbundle = {:?}\n", folder.display().to_string()));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "nothing blocks", |shown| shown.len() == 2 && shown.iter().all(|it| it.severity == 3));
    assert_eq!(json_of(&workspace, &[]).0, 0);
    write(10);
    editor.wait_shown("app.py", "the new one blocks", |shown| shown.iter().any(|shown| shown.severity == 1));
    assert_eq!(json_of(&workspace, &[]).0, 1);
    // A broken one: what was decided stays, and the gate says that it cannot tell.
    std::fs::write(folder.join("broken.rego"), "package aspm\nverdict := {").expect("written");
    let status = editor.wait_status("the problem", |status| {
        status["messages"].as_array().is_some_and(|all| all.iter().any(|it| it.to_string().contains("broken.rego")))
    });
    assert!(status["policies"][0]["problems"][0].to_string().contains("last good"), "{status:#}");
    editor.wait_shown("app.py", "still blocked", |shown| shown.iter().any(|shown| shown.severity == 1));
    let (code, report) = json_of(&workspace, &[]);
    assert_eq!(code, 1, "the last good one decides in a new process too: {report:#}");
    assert!(report["policies"][0]["problems"].to_string().contains("broken.rego"), "{report:#}");
}

#[test]
fn without_data_nobody_can_say() {
    let workspace = branch();
    workspace.remove(".aspm/scan.sarif");
    workspace.git(&["add", "app.py"]);
    let (code, report) = json_of(&workspace, &["--staged"]);
    assert_eq!((code, &report["outcome"]), (3, &json!("undecided")), "{report:#}");
    assert_eq!(json_of(&workspace, &["--staged", "--no-data", "warn"]).0, 0);
    let (code, out, _) = workspace.run(&["check", "--staged", "--no-data", "warn"]);
    assert!(code == 0 && out.contains("no data"), "the notice is there: {out}");
    workspace.write(".aspm/scan.sarif", &scan().to_string()[..400]);
    assert_eq!(json_of(&workspace, &["--staged"]).0, 3, "a log that was cut off proves nothing");
}

#[test]
fn nothing_to_check_says_so_and_why() {
    let workspace = branch();
    let (code, out, _) = workspace.run(&["check", "--staged"]);
    assert_eq!(code, 0);
    assert!(out.contains("othing to check") && out.contains("staged"), "{out}");
    let (code, _, err) = workspace.run(&["check", "--diff", "no-such-branch"]);
    assert_eq!(code, 2);
    assert!(err.contains("no-such-branch"), "{err}");
}

/// The branch of [`branch`], committed, with its scan in git on main since before.
fn branch_with_reviewed_scan() -> Workspace {
    let workspace = Workspace::new(&[("app.py", OLD)]);
    workspace.write(".aspm/main.sarif", scan().to_string());
    workspace.git(&["add", "--force", ".aspm/main.sarif"]);
    workspace.git(&["commit", "--quiet", "--message", "scan"]);
    workspace.git(&["switch", "--quiet", "--create", "feature"]);
    workspace.write("app.py", NEW);
    workspace.commit("calc");
    assert_eq!(json_of(&workspace, &["--diff", "main"]).0, 1, "blocked as it is");
    assert_eq!(json_of(&workspace, &["--all"]).0, 1, "blocked as it is");
    workspace
}

#[test]
fn a_change_cannot_take_findings_out_of_a_reviewed_scan_in_any_form_of_check() {
    let empty = Log::new("Bandit").to_string();
    let mut accepted = scan().json();
    for result in accepted["runs"][0]["results"].as_array_mut().expect("results") {
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted" }]);
    }
    let elsewhere = "[[source]]\nkind = \"sarif\"\npath = \"clean.sarif\"\n".to_owned();
    for (path, text) in
        [(".aspm/main.sarif", empty.clone()), (".aspm/main.sarif", accepted.to_string()), ("aspm.toml", elsewhere)]
    {
        let workspace = branch_with_reviewed_scan();
        workspace.write("clean.sarif", &empty);
        workspace.write(path, text);
        workspace.git(&["add", "--force", "--all", ".aspm", "."]);
        assert_eq!(json_of(&workspace, &["--all"]).0, 1, "{path}, not committed");
        workspace.git(&["commit", "--quiet", "--message", "clean"]);
        for arguments in [&["--all"][..], &["--diff", "main"], &["app.py"], &["--hook", "app.py"]] {
            let (code, report) = json_of(&workspace, arguments);
            assert_eq!(code, 1, "{path} {arguments:?}: {report:#}");
        }
    }
}

#[test]
fn a_scan_that_the_change_brings_adds_findings() {
    let workspace = branch();
    workspace.git(&["add", "--force", "app.py", ".aspm/scan.sarif"]);
    assert_eq!(json_of(&workspace, &["--staged"]).0, 1);
    workspace.git(&["commit", "--quiet", "--message", "calc and its scan"]);
    assert_eq!(json_of(&workspace, &["--diff", "main"]).0, 1);
    assert_eq!(json_of(&workspace, &["--all"]).0, 1);
}

#[test]
fn code_that_moved_to_another_file_of_the_branch_is_judged_there() {
    let workspace = branch();
    let calc = "def calc(x):\n    total = eval(x)\n    return total\n";
    workspace.write("app.py", OLD);
    workspace.write("calc.py", calc);
    workspace.commit("calc");
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "calc.py", calc, "eval(x)")));
    assert_eq!(json_of(&workspace, &["--diff", "main"]).0, 1, "blocked where it was scanned");
    workspace.remove("calc.py");
    workspace.write("app.py", format!("{OLD}\n{calc}"));
    workspace.commit("one file");
    for arguments in [&["--diff", "main"][..], &["--all"], &["app.py"]] {
        let (code, report) = json_of(&workspace, arguments);
        assert_eq!(code, 1, "{arguments:?}: {report:#}");
        assert_eq!(of(&report, "B307")["placement"]["path"], "app.py");
    }
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let workspace = Workspace::bare();
    workspace.git(&["init", "--quiet", "--initial-branch=main"]);
    workspace.write(".git/info/exclude", ".aspm/\n");
    workspace.write("app.py", NEW);
    workspace.log("scan", &scan());
    workspace.git(&["add", "app.py"]);
    for arguments in [&["--staged"][..], &["--all"], &["--hook"]] {
        let (code, report) = json_of(&workspace, arguments);
        assert_eq!(code, 1, "{arguments:?}: {report:#}");
        assert_eq!(of(&report, "B605")["change"], "introduced");
    }
}

#[test]
fn a_change_that_makes_itself_undecidable_does_not_pass_for_want_of_data() {
    // A second file that fits the scanned path.
    let workspace = Workspace::introducing(&[("api/h.py", NEW)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "h.py", NEW, "eval(x)")));
    assert_eq!(json_of(&workspace, &["--diff", "main"]).0, 1, "one file fits");
    workspace.write("web/h.py", "def web():\n    return 2\n");
    workspace.commit("decoy");
    for arguments in [&["--diff", "main"][..], &["--all"]] {
        let (code, report) = json_of(&workspace, arguments);
        assert_ne!(code, 0, "{arguments:?}: {report:#}");
    }
}

#[test]
fn merging_main_is_not_blamed_for_what_main_brings() {
    let workspace = Workspace::new(&[("app.py", OLD), ("notes.txt", "a\n")]);
    workspace.git(&["switch", "--quiet", "--create", "feature"]);
    workspace.write("notes.txt", "feature\n");
    workspace.commit("notes");
    workspace.git(&["switch", "--quiet", "main"]);
    workspace.write("app.py", NEW);
    workspace.write("notes.txt", "main\n");
    workspace.commit("calc on main");
    workspace.log("scan", &scan());
    workspace.git(&["switch", "--quiet", "feature"]);
    workspace.git(&["merge", "--quiet", "--no-commit", "--no-ff", "--strategy-option=ours", "main"]);
    workspace.write("notes.txt", "both\n");
    workspace.git(&["add", "notes.txt"]);
    let (code, report) = json_of(&workspace, &["--staged"]);
    assert_eq!(of(&report, "B307")["change"], "existing", "{report:#}");
    assert_eq!(code, 0, "{report:#}");
}
