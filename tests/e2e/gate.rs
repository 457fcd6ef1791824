//! What the gate cannot be talked out of, and what it says where nobody can say.

use serde_json::json;

use super::policy::{NEW, branch, json_of, of, scan};
use crate::support::{Editor, Log, Profile, Workspace, about_file, result};

/// `text` after a comment that is not UTF-8.
fn latin1(text: &str) -> Vec<u8> {
    [b"# caf\xe9 \x80\n".as_slice(), text.as_bytes()].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn legacy_encodings_are_judged_like_any_other_text() {
    let scanned = format!("# caf\u{e9} \u{20ac}\n{NEW}");
    let workspace = Workspace::new(&[]);
    workspace.write("app.py", latin1(super::policy::OLD));
    workspace.commit("legacy");
    workspace.git(&["switch", "--quiet", "--create", "feature"]);
    let log = Log::new("Bandit")
        .with(result("B605", "app.py", &scanned, "os.system(c)"))
        .with(result("B307", "app.py", &scanned, "eval(x)"));
    workspace.log("scan", &log);
    workspace.write("notes.txt", "n\n");
    workspace.commit("notes");
    let (code, report) = json_of(&workspace, &["--diff", "main"]);
    assert_eq!(code, 0, "a change elsewhere passes: {report:#}");
    let (code, report) = json_of(&workspace, &["--all"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(of(&report, "B605")["change"], "existing");
    workspace.write("app.py", latin1(NEW));
    workspace.commit("calc");
    for arguments in [&["--diff", "main"][..], &["--all"], &["app.py"]] {
        let (code, report) = json_of(&workspace, arguments);
        assert_eq!(code, 1, "{arguments:?}: {report:#}");
        assert_eq!(of(&report, "B307")["change"], "introduced");
        assert_eq!(of(&report, "B605")["change"], "existing");
        assert_eq!(of(&report, "B307")["placement"]["range"]["start"], json!({ "line": 8, "column": 12 }));
    }
    let (_, human, _) = workspace.run(&["check"]);
    assert!(human.contains("return eval(x)"), "{human}");
}

#[test]
fn a_change_cannot_hide_a_finding_behind_an_encoding_or_a_nul() {
    let reencoded = [
        ("a NUL at the end", format!("{NEW}\0\n").into_bytes()),
        ("a NUL before", NEW.replacen("import os", "import os  # \0", 1).into_bytes()),
        ("UTF-16", utf16(NEW)),
        ("UTF-16 without its mark", utf16(NEW)[2..].to_vec()),
        ("Latin-1", [NEW.as_bytes(), b"# caf\xe9\n"].concat()),
        ("Latin-1 and a NUL", [NEW.as_bytes(), b"# caf\xe9\0\n"].concat()),
    ];
    for (name, bytes) in reencoded {
        let workspace = branch();
        workspace.write("app.py", bytes);
        workspace.git(&["add", "app.py"]);
        let (code, report) = json_of(&workspace, &["--hook", "--no-data", "warn"]);
        assert_eq!(code, 1, "{name}: {report:#}");
        assert_eq!(of(&report, "B307")["change"], "introduced", "{name}");
    }
}

#[test]
fn what_went_from_a_file_that_became_binary_is_not_known_to_be_gone() {
    let workspace = branch();
    // Every letter with three NULs: an encoding that nobody reads here.
    let wide: Vec<u8> = NEW.chars().flat_map(|letter| (letter as u32).to_le_bytes()).collect();
    workspace.write("app.py", wide);
    workspace.git(&["add", "app.py"]);
    let (code, report) = json_of(&workspace, &["--hook", "--no-data", "warn"]);
    assert_eq!(code, 3, "{report:#}");
    assert!(report["undecided"][0].as_str().expect("why").contains("app.py is no text any more"), "{report:#}");
    // The same under another name.
    workspace.git(&["reset", "--quiet", "--hard"]);
    workspace.write("app.py", NEW);
    workspace.commit("calc");
    workspace.remove("app.py");
    workspace.write("renamed.py", format!("{NEW}\0\n"));
    workspace.commit("renamed");
    let (code, report) = json_of(&workspace, &["--diff", "main", "--no-data", "warn"]);
    assert_eq!(code, 1, "{report:#}");
    assert_eq!(of(&report, "B307")["placement"]["path"], "renamed.py");
}

#[test]
fn a_finding_in_a_binary_file_is_judged_as_one_of_the_whole_file() {
    let workspace = Workspace::new(&[("app.py", "x = 1\n")]);
    workspace.write("old.p12", b"\0key\xff\n");
    workspace.commit("a key");
    workspace.git(&["switch", "--quiet", "--create", "feature"]);
    workspace.write("new.p12", b"\0other\xff\n");
    workspace.commit("another");
    let log = Log::new("Gitleaks").with(about_file("old-key", "old.p12")).with(about_file("new-key", "new.p12"));
    workspace.log("scan", &log);
    let (code, report) = json_of(&workspace, &["--diff", "main"]);
    assert_eq!(code, 1, "{report:#}");
    assert_eq!(of(&report, "new-key")["change"], "introduced");
    let (_, report) = json_of(&workspace, &["--all"]);
    assert_eq!(of(&report, "old-key")["change"], "existing");
}

/// What `app.py` of a build container is called in a log, in a tree where it is `src/app.py`.
const BUILT: &str = "/build/work/app.py";

#[test]
fn a_file_that_a_change_takes_away_or_renames_is_followed_from_a_mapped_path_too() {
    let workspace = Workspace::new(&[("src/app.py", NEW), ("src/other.py", "y = 2\n")]);
    workspace.git(&["switch", "--quiet", "--create", "feature"]);
    let log = Log::new("Bandit").with(result("B307", BUILT, NEW, "eval(x)")).with(result(
        "B101",
        "/build/work/other.py",
        "y = 2\n",
        "y = 2",
    ));
    workspace.log("scan", &log);
    workspace.git(&["mv", "src/app.py", "src/main.py"]);
    workspace.write("src/main.py", NEW.replace("calc", "reckon").replace("eval(x)", "eval(x.strip())"));
    workspace.commit("renamed and edited");
    let (_, report) = json_of(&workspace, &["--diff", "main"]);
    let renamed = of(&report, "B307");
    assert_eq!((&renamed["placement"]["path"], &renamed["change"]), (&json!("src/main.py"), &json!("touched")));
    workspace.git(&["reset", "--quiet", "--hard", "main"]);
    workspace.remove("src/app.py");
    workspace.commit("removed");
    let (code, report) = json_of(&workspace, &["--diff", "main"]);
    assert_eq!((code, &report["findings"]), (0, &json!([])), "gone with its file: {report:#}");
    assert!(!report["notices"].to_string().contains("could not be judged"), "{report:#}");
}

#[test]
fn a_tool_whose_paths_all_fit_nothing_is_no_clean_tree() {
    let workspace = branch();
    workspace.commit("calc");
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "/build/wrk/main.py", NEW, "eval(x)")));
    for arguments in [&["--diff", "main"][..], &["--all"], &["app.py"]] {
        let (code, report) = json_of(&workspace, arguments);
        assert_eq!(code, 3, "{arguments:?}: {report:#}");
        let why = report["undecided"].to_string();
        assert!(why.contains("/build/wrk/main.py") && why.contains("path_map") && why.contains("Bandit"), "{why}");
    }
    assert_eq!(json_of(&workspace, &["--diff", "main", "--no-data", "warn"]).0, 0, "want of data");
    // Another tool's paths being right proves nothing of this one's.
    workspace.log("other", &Log::new("Semgrep").with(result("S1", "app.py", NEW, "os.system(c)")));
    assert_eq!(json_of(&workspace, &["--diff", "main"]).0, 3);
    // One that fits nothing among others that do is told.
    let log = Log::new("Bandit").with(result("B605", "app.py", NEW, "os.system(c)")).with(result(
        "B307",
        "/build/wrk/main.py",
        NEW,
        "eval(x)",
    ));
    workspace.log("scan", &log);
    let (code, report) = json_of(&workspace, &["--diff", "main"]);
    assert_eq!(code, 0, "{report:#}");
    assert!(report["notices"].to_string().contains("1 of 2 findings of Bandit"), "{report:#}");
}

#[test]
fn a_submodule_set_to_another_commit_is_not_waved_through_where_findings_in_it_are_known() {
    let library = Workspace::new(&[("lib.py", super::policy::OLD)]);
    let workspace = Workspace::new(&[("app.py", "x = 1\n")]);
    let from = library.path("").display().to_string();
    workspace.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &from, "vendor/lib"]);
    workspace.commit("library");
    workspace.git(&["switch", "--quiet", "--create", "feature"]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "./vendor/lib/lib.py", NEW, "eval(x)")));
    let (code, report) = json_of(&workspace, &["--all"]);
    assert_eq!(code, 0, "left as it was: {report:#}");
    assert!(report["notices"].to_string().contains("1 finding in the submodule vendor/lib"), "{report:#}");
    library.write("lib.py", NEW);
    let updated = library.commit("calc");
    workspace.git(&["-C", "vendor/lib", "-c", "protocol.file.allow=always", "fetch", "--quiet"]);
    workspace.git(&["-C", "vendor/lib", "checkout", "--quiet", &updated]);
    workspace.git(&["add", "vendor/lib"]);
    for arguments in [&["--staged"][..], &["--all"]] {
        let (code, report) = json_of(&workspace, arguments);
        assert_eq!(code, 3, "{arguments:?}: {report:#}");
        assert!(report["undecided"].to_string().contains("check --root vendor/lib"), "{report:#}");
    }
    workspace.git(&["commit", "--quiet", "--message", "library updated"]);
    assert_eq!(json_of(&workspace, &["--diff", "main"]).0, 3);
    // Without a finding in it there is nothing to judge.
    workspace.log("scan", &Log::new("Bandit").with(result("B1", "app.py", "x = 1\n", "x = 1")));
    assert_eq!(json_of(&workspace, &["--diff", "main"]).0, 0);
}

#[test]
fn files_that_a_sparse_checkout_leaves_out_are_judged_as_they_are_in_the_index() {
    for index in ["--sparse-index", "--no-sparse-index"] {
        let workspace = Workspace::new(&[("near/app.py", super::policy::OLD), ("far/away.py", super::policy::OLD)]);
        workspace.git(&["switch", "--quiet", "--create", "feature"]);
        workspace.write("far/away.py", NEW);
        workspace.commit("calc");
        workspace.git(&["sparse-checkout", "set", "--cone", index, "near"]);
        workspace.log("scan", &Log::new("Bandit").with(result("B307", "far/away.py", NEW, "eval(x)")));
        for arguments in [&["--all"][..], &["--diff", "main"]] {
            let (code, report) = json_of(&workspace, arguments);
            assert_eq!(code, 1, "{index} {arguments:?}: {report:#}");
            assert_eq!(of(&report, "B307")["change"], "introduced");
        }
    }
}

#[test]
fn an_older_bundle_is_a_replay_also_after_the_cache_was_cleared() {
    let workspace = branch();
    let folder = workspace.beside("policy");
    std::fs::create_dir_all(&folder).expect("created");
    let publish = |sequence: u32| {
        let manifest = json!({ "revision": format!("r{sequence}"), "metadata": { "aspm": { "sequence": sequence } } });
        std::fs::write(folder.join(".manifest"), manifest.to_string()).expect("written");
    };
    workspace.user_config(&format!("[policy]\nbundle = {:?}\n", folder.display().to_string()));
    publish(7);
    assert_eq!(json_of(&workspace, &[]).1["policies"][0]["revision"], "r7");
    std::fs::remove_dir_all(workspace.beside("cache")).expect("cleared");
    publish(6);
    let (code, report) = json_of(&workspace, &[]);
    assert!(report["policies"].to_string().contains("replay"), "{report:#}");
    assert_eq!(
        (code, report["undecided"].as_array().map(Vec::len)),
        (1, Some(1)),
        "the built-in one judges: {report:#}"
    );
    assert_eq!(report["notices"].to_string().matches("replay").count(), 0, "said once: {report:#}");
    assert!(!report.to_string().contains("..\""), "one full stop: {report:#}");
    // A running server has seen both, and knows which came later.
    publish(8);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_status("8 in force", |status| status["policies"][0]["revision"] == "r8");
    publish(9);
    editor.wait_status("9 in force", |status| status["policies"][0]["revision"] == "r9");
    publish(8);
    let refused = |status: &serde_json::Value| status["policies"][0]["problems"].to_string().contains("replay");
    let status = editor.wait_status("8 refused", refused);
    assert_eq!(status["policies"][0]["revision"], "r9", "{status:#}");
}

#[test]
fn a_policy_that_would_answer_in_a_wrong_form_is_not_built() {
    let workspace = branch();
    let folder = workspace.beside("policy");
    std::fs::create_dir_all(&folder).expect("created");
    let build = |text: &str| {
        std::fs::write(folder.join("own.rego"), text).expect("written");
        let (folder, out) = (folder.display().to_string(), workspace.beside("b.tar.gz").display().to_string());
        workspace.run(&["policy", "build", &folder, "--output", &out])
    };
    let (code, _, err) = build("package aspm\n\nverdict := {\"action\": \"stop\", \"risk\": 1}\n");
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("own.rego:3") && err.contains("data.aspm.verdict") && err.contains("\"stop\""), "{err}");
    let (code, _, err) = build("package aspm\n\n# c\ngate := {\"pass\": 1}\n");
    assert!(code == 2 && err.contains("own.rego:4") && err.contains("data.aspm.gate"), "{err}");
    let (code, _, err) =
        build("package aspm\n\nverdict := data.aspm.defaults.verdict if input.finding.kind == \"code\"\n");
    assert_eq!(code, 0, "one that waits for other findings is: {err}");
}

#[test]
fn what_policy_failed_to_say_is_told_once_with_where_to_look() {
    let workspace = branch();
    let folder = workspace.beside("policy");
    std::fs::create_dir_all(&folder).expect("created");
    // A policy that does not load is told once.
    std::fs::write(folder.join("own.rego"), "package aspm\nverdict := {\n").expect("written");
    workspace.user_config(&format!("[policy]\nbundle = {:?}\n", folder.display().to_string()));
    let (_, out, _) = workspace.run(&["check"]);
    assert_eq!(out.matches("own.rego:3").count(), 1, "{out}");
    let wrong = "package aspm\n\nverdict := {\"action\": \"stop\", \"risk\": 1}\n";
    std::fs::write(folder.join("own.rego"), wrong).expect("written");
    let (code, out, _) = workspace.run(&["check", "--no-data", "warn", "--no-data", "fail"]);
    assert_eq!(code, 3, "the last of an option given twice counts: {out}");
    let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("action is \"stop\"") && words.contains("`aspm-lsp policy show`"), "{out}");
    assert!(!words.contains("reads the source anew") && !words.contains("Policy could not decide"), "{out}");
    assert!(!words.contains(".. "), "{out}");
    let (_, list) = (0, workspace.run(&["list", "--format", "json"]).1);
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let id = list["findings"][0]["id"].as_str().expect("an id").to_owned();
    let (code, out, _) = workspace.run(&["policy", "explain", &id]);
    assert!(code == 3 && out.contains("\"stop\""), "why is said there too: {out}");
}

#[test]
fn an_exception_that_is_there_is_named_with_why_it_does_not_count() {
    let workspace = branch();
    let exception = |expires: &str| {
        format!(
            "version: 1\nexceptions:\n  - id: calc-1\n    finding: {{rule: B307, path: app.py, line: 7, text: \"return \
             eval(x)\"}}\n    status: risk_accepted\n    reason: Planned\n    expires: {expires}\n"
        )
    };
    workspace.git(&["stash", "--quiet"]);
    workspace.git(&["switch", "--quiet", "main"]);
    workspace.write(".aspm/exceptions.yaml", exception("2020-01-31"));
    workspace.git(&["add", "--force", ".aspm/exceptions.yaml"]);
    workspace.git(&["commit", "--quiet", "--message", "exception"]);
    workspace.git(&["switch", "--quiet", "feature"]);
    workspace.git(&["merge", "--quiet", "main"]);
    workspace.git(&["stash", "pop", "--quiet"]);
    let (_, out, _) = workspace.run(&["check"]);
    let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("exception `calc-1` does not count: it expired on 2020-01-31"), "{out}");
    workspace.write(".aspm/exceptions.yaml", exception("2999-01-31"));
    let (_, out, _) = workspace.run(&["check"]);
    let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("calc-1 in .aspm/exceptions.yaml is only asked for"), "{out}");
}

#[test]
fn a_list_tells_the_verdict_and_factors_that_weigh_nothing_are_not_told() {
    let workspace = branch();
    let (_, out, _) = workspace.run(&["list"]);
    assert!(out.contains("block, risk 60") && out.contains("inform, risk 60"), "{out}");
    let (_, out, _) = workspace.run(&["check"]);
    assert!(!out.contains("(+0)"), "{out}");
}

#[test]
fn where_the_base_cannot_be_had_nobody_can_say_what_a_change_introduced() {
    let origin = branch();
    origin.commit("calc");
    origin.git(&["commit", "--quiet", "--allow-empty", "--message", "more"]);
    let from = format!("file://{}", origin.path("").display());
    let cloned = |depth: &[&str]| {
        let workspace = Workspace::bare();
        workspace.git(&["init", "--quiet", "--initial-branch=main"]);
        workspace.git(&["remote", "add", "origin", &from]);
        workspace.git(&[&["fetch", "--quiet"], depth, &["origin", "main", "feature"]].concat());
        workspace.git(&["fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
        workspace.git(&["switch", "--quiet", "--create", "feature", "origin/feature"]);
        workspace.log("scan", &scan());
        workspace
    };
    let shallow = cloned(&["--depth=1"]);
    for arguments in [&["--all"][..], &["app.py"]] {
        let (code, report) = json_of(&shallow, arguments);
        assert_eq!(code, 3, "{arguments:?}: {report:#}");
        assert!(report["undecided"].to_string().contains("fetch-depth: 0"), "{report:#}");
    }
    assert_eq!(json_of(&cloned(&[]), &["--all"]).0, 1, "with its history it is known");
}

/// `feature` in a clone where nobody can say where it parted: its first commit brought `app.py` as it is.
fn without_base(fetched: &[&str]) -> Workspace {
    let origin = branch();
    origin.commit("calc");
    origin.git(&["commit", "--quiet", "--allow-empty", "--message", "more"]);
    let from = format!("file://{}", origin.path("").display());
    let workspace = Workspace::bare();
    workspace.git(&["init", "--quiet", "--initial-branch=feature"]);
    workspace.git(&["remote", "add", "origin", &from]);
    workspace.git(&[&["fetch", "--quiet"], fetched].concat());
    workspace.git(&["reset", "--quiet", "--hard", "origin/feature"]);
    workspace.write(".git/info/exclude", "/.aspm/\n");
    workspace.log("scan", &scan());
    workspace
}

#[test]
fn a_commit_is_undecided_without_a_base_only_where_what_was_introduced_decides() {
    let shallow: &[&str] = &["--depth=1", "origin", "+refs/heads/*:refs/remotes/origin/*"];
    let alone: &[&str] = &["origin", "+refs/heads/feature:refs/remotes/origin/feature"];
    for (fetched, why) in [(shallow, "--unshallow"), (alone, "no default branch is known here")] {
        let workspace = without_base(fetched);
        workspace.write("other.py", "x = 1\n");
        workspace.git(&["add", "other.py"]);
        let (code, report) = json_of(&workspace, &["--staged"]);
        assert_eq!(code, 0, "nothing risky is in what the commit changes: {report:#}");
        workspace.write("app.py", format!("{NEW}# more\n"));
        workspace.git(&["add", "app.py"]);
        for arguments in [&["--staged"][..], &["--hook"]] {
            let (code, report) = json_of(&workspace, arguments);
            assert_eq!(code, 3, "{arguments:?}: {report:#}");
            let said = report["undecided"][0].as_str().expect("a reason");
            assert!(said.starts_with("Whether this change introduced ") && said.contains("B307 in app.py"), "{said}");
            assert!(said.contains(" decides. No merge base with the default branch (") && said.contains(why), "{said}");
            let mut editor = Editor::start(&workspace, Profile::push());
            editor.open("app.py");
            let gate = editor.request("aspm/gate", json!({ "uri": workspace.uri("app.py") }));
            assert_eq!((&gate["outcome"], &gate["undecided"]), (&json!("undecided"), &report["undecided"]), "{gate:#}");
        }
        let (code, report) = json_of(&workspace, &["--hook", "--no-data", "warn"]);
        assert_eq!((code, &report["outcome"]), (0, &json!("undecided")), "as the hook's entry asks for: {report:#}");
        workspace.write("app.py", super::policy::OLD);
        workspace.git(&["add", "app.py"]);
        let (_, report) = json_of(&workspace, &["--staged"]);
        assert!(!report["undecided"].to_string().contains("B307"), "what is gone decides nothing: {report:#}");
    }
}

#[test]
fn a_repository_of_one_branch_and_no_remote_has_a_gate_that_answers() {
    for name in ["main", "dev-setup"] {
        let workspace = Workspace::bare();
        workspace.git(&["init", "--quiet", &format!("--initial-branch={name}")]);
        workspace.write("app.py", super::policy::OLD);
        workspace.commit("first");
        workspace.log("scan", &scan());
        workspace.write("other.py", "x = 1\n");
        workspace.git(&["add", "other.py"]);
        assert_eq!(json_of(&workspace, &["--staged"]).0, 0, "{name}");
        workspace.write("app.py", NEW);
        workspace.git(&["add", "app.py"]);
        let (code, report) = json_of(&workspace, &["--staged"]);
        assert_eq!((code, &of(&report, "B307")["change"]), (1, &json!("introduced")), "{name}: {report:#}");
        workspace.commit("calc, past the hook");
        workspace.write("app.py", format!("{NEW}# more\n"));
        workspace.git(&["add", "app.py"]);
        let (code, report) = json_of(&workspace, &["--staged"]);
        assert_eq!((code, &of(&report, "B307")["change"]), (0, &json!("existing")), "{name}: {report:#}");
    }
}
