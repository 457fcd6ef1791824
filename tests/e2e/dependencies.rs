//! Findings about packages: on the declared version, with who brings them, and the way to raise them.

use serde_json::{Value, json};

use super::policy::{json_of, of};
use crate::support::{Central, Editor, Profile, Workspace};

const PACKAGE: &str = r#"{
  "name": "shop",
  "dependencies": {
    "express": "~4.17.0",
    "lodash": "^4.17.15"
  }
}
"#;

const LOCK: &str = r#"{
  "name": "shop",
  "lockfileVersion": 3,
  "packages": {
    "": { "name": "shop", "dependencies": { "express": "~4.17.0", "lodash": "^4.17.15" } },
    "node_modules/express": {
      "version": "4.17.1",
      "dependencies": { "qs": "6.7.0" }
    },
    "node_modules/lodash": {
      "version": "4.17.15"
    },
    "node_modules/qs": {
      "version": "6.7.0"
    }
  }
}
"#;

/// A vulnerable package as Trivy tells it.
fn trivy(rule: &str, path: &str, name: &str, version: &str, fixed: &str) -> Value {
    let text = format!("Package: {name}\nInstalled Version: {version}\nVulnerability {rule}\nFixed Version: {fixed}");
    json!({
        "ruleId": rule,
        "level": "error",
        "message": { "text": text },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": path }, "region": { "startLine": 1 } } }]
    })
}

/// One that names no file, only its package URL.
fn pathless(rule: &str, purl: &str, fixed: &str) -> Value {
    let properties = json!({ "purl": purl, "fixedVersion": fixed });
    json!({ "ruleId": rule, "level": "error", "message": { "text": format!("{purl} is vulnerable.") }, "properties": properties })
}

fn log(workspace: &Workspace, tool: &str, results: &[Value]) {
    let ids: Vec<&Value> = results.iter().map(|result| &result["ruleId"]).collect();
    let rule = |id: &&Value| json!({ "id": id, "properties": { "tags": ["vulnerability", "security"] } });
    let rules: Vec<Value> = ids.iter().map(rule).collect();
    let run = json!({ "tool": { "driver": { "name": tool, "rules": rules } }, "results": results });
    let log = json!({ "version": "2.1.0", "runs": [run] });
    workspace.write(".aspm/packages.sarif", log.to_string());
}

fn npm() -> Workspace {
    let workspace = Workspace::new(&[("package.json", PACKAGE), ("package-lock.json", LOCK)]);
    let results = [
        trivy("CVE-2020-8203", "package-lock.json", "lodash", "4.17.15", "4.17.19"),
        trivy("CVE-2022-24999", "package-lock.json", "qs", "6.7.0", "6.7.3, 6.10.3"),
    ];
    log(&workspace, "Trivy", &results);
    workspace
}

fn upgrade(actions: &[Value]) -> Value {
    let is_one = |action: &&Value| action["title"].as_str().is_some_and(|title| title.starts_with("Upgrade "));
    actions.iter().find(is_one).unwrap_or_else(|| panic!("no upgrade: {actions:#?}")).clone()
}

#[test]
fn a_package_of_a_lock_file_stands_on_its_declaration_and_a_brought_one_on_what_brings_it() {
    let workspace = npm();
    for profile in [Profile::push(), Profile::pull(), Profile::utf32()] {
        let has_related = profile.capabilities["textDocument"]["publishDiagnostics"]["relatedInformation"] == true;
        let mut editor = Editor::start(&workspace, profile);
        editor.open("package.json");
        let shown = editor.wait_texts("package.json", &["~4.17.0", "^4.17.15"]);
        assert_eq!((shown[0].code.as_str(), shown[1].code.as_str()), ("CVE-2022-24999", "CVE-2020-8203"));
        let related = &shown[0].raw["relatedInformation"][0];
        if has_related {
            assert_eq!(related["message"], "express 4.17.1 \u{2192} qs 6.7.0");
            assert!(related["location"]["uri"].as_str().is_some_and(|uri| uri.ends_with("/package-lock.json")));
            assert_eq!(related["location"]["range"]["start"], json!({ "line": 13, "character": 18 }));
        }
        let words = editor.hover_text("package.json", "~4.17.0");
        assert!(words.contains("express 4.17.1 \u{2192} qs 6.7.0"), "{words}");
        assert!(words.contains("package-lock.json:14"), "{words}");
        assert!(words.contains("npm update qs"), "{words}");
    }
}

#[test]
fn an_upgrade_edits_the_range_in_its_style_and_the_lock_file_settles_it() {
    let workspace = npm();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("package.json");
    editor.wait_texts("package.json", &["~4.17.0", "^4.17.15"]);
    let action = upgrade(&editor.actions("package.json", "^4.17.15", None));
    assert_eq!(action["title"], "Upgrade lodash to 4.17.19 (then run npm install)");
    assert_eq!(action["isPreferred"], true);
    assert_eq!(editor.apply(&action["edit"]), PACKAGE.replace("^4.17.15", "^4.17.19"));
    // The lock file still has the old one: npm has to be run, and the finding says so.
    let shown = editor.wait_shown("package.json", "an edited finding", |shown| {
        shown.len() == 2 && shown[1].message.contains("edited since the scan")
    });
    assert_eq!(shown[1].text, "^4.17.19");
    let words = editor.hover_text("package.json", "^4.17.19");
    assert!(words.contains("run npm install"), "{words}");
    let locked = LOCK.replace("\"4.17.15\"\n", "\"4.17.21\"\n").replace("^4.17.15", "^4.17.19");
    workspace.write("package-lock.json", &locked);
    editor.tell_disk(&[("package-lock.json", 2)]);
    editor.wait_texts("package.json", &["~4.17.0"]);
    // What is typed counts, saved or not: the old lock file in the editor brings it back.
    editor.open_with("package-lock.json", LOCK);
    editor.wait_texts("package.json", &["~4.17.0", "^4.17.19"]);
}

#[test]
fn a_brought_package_is_not_upgraded_by_guessing() {
    let workspace = npm();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("package.json");
    editor.wait_texts("package.json", &["~4.17.0", "^4.17.15"]);
    let action = upgrade(&editor.actions("package.json", "~4.17.0", None));
    assert_eq!(action["title"], "Upgrade qs to 6.7.3");
    assert!(action.get("edit").is_none(), "{action}");
    let why = action["disabled"]["reason"].as_str().expect("a reason");
    assert!(why.contains("qs comes with express 4.17.1") && why.contains("npm update qs"), "{why}");
}

#[test]
fn while_a_manifest_is_half_typed_its_findings_stay() {
    let workspace = npm();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("package.json");
    editor.wait_texts("package.json", &["~4.17.0", "^4.17.15"]);
    editor.edit("package.json", "    \"express\"", "    \"ms\": \"^2\n    \"express\"");
    editor.wait_texts("package.json", &["~4.17.0", "^4.17.15"]);
    editor.edit("package.json", "    \"lodash\": \"^4.17.15\"\n", "");
    editor.edit("package.json", "\"~4.17.0\",", "\"~4.17.0\"");
    editor.edit("package.json", "    \"ms\": \"^2\n", "");
    // Not declared any more, but the lock file still has it.
    editor.wait_texts("package.json", &["~4.17.0"]);
    editor.open("package-lock.json");
    editor.wait_texts("package-lock.json", &["4.17.15"]);
}

#[test]
fn a_finding_without_a_file_finds_its_manifest() {
    for (file, text, purl, fixed, token, raised, run) in [
        (
            "requirements.txt",
            "flask==2.0.1  # web\nJinja2[i18n] == 2.11.2 ; python_version >= '3'\n",
            "pkg:pypi/jinja2@2.11.2",
            "2.11.3",
            "== 2.11.2",
            "== 2.11.3",
            "pip install",
        ),
        (
            "svc/Cargo.toml",
            "[package]\nname = \"svc\"\n\n[dependencies]\ntime = { version = \"0.2\", default-features = false }\n",
            "pkg:cargo/time@0.2.7",
            "0.2.23",
            "0.2",
            "0.2.23",
            "cargo update",
        ),
    ] {
        let workspace = Workspace::new(&[(file, text), ("README.md", "shop\n")]);
        log(&workspace, "osv-scanner", &[pathless("CVE-1", purl, fixed)]);
        let mut editor = Editor::start(&workspace, Profile::push());
        editor.open(file);
        editor.wait_texts(file, &[token]);
        let action = upgrade(&editor.actions(file, token, None));
        assert!(action["title"].as_str().is_some_and(|title| title.contains(run)), "{action}");
        assert_eq!(editor.apply(&action["edit"]), text.replacen(token, raised, 1));
        editor.wait_texts(file, &[]);
        editor.edit(file, raised, token);
        editor.wait_texts(file, &[token]);
        let (code, report) = json_of(&workspace, &["--all"]);
        assert_eq!(code, 0, "{report:#}");
        let placement = &of(&report, "CVE-1")["placement"];
        assert_eq!((&placement["state"], &placement["path"]), (&json!("exact"), &json!(file)), "{placement}");
    }
}

#[test]
fn the_gate_blocks_the_change_that_brings_a_vulnerable_version_and_no_other() {
    let workspace = npm();
    let old = LOCK.replace("\"version\": \"4.17.15\"", "\"version\": \"4.17.21\"").replace("^4.17.15", "^4.17.20");
    workspace.write("package-lock.json", &old);
    workspace.write("package.json", PACKAGE.replace("^4.17.15", "^4.17.20"));
    workspace.commit("safe");
    workspace.git(&["switch", "--quiet", "--create", "feature"]);
    workspace.write("notes.txt", "n\n");
    workspace.commit("notes");
    let (code, report) = json_of(&workspace, &["--diff", "main"]);
    assert_eq!(code, 0, "{report:#}");
    workspace.write("package-lock.json", LOCK);
    workspace.write("package.json", PACKAGE);
    workspace.commit("down");
    let (code, report) = json_of(&workspace, &["--diff", "main"]);
    assert_eq!(code, 1, "{report:#}");
    assert_eq!(of(&report, "CVE-2020-8203")["change"], "introduced");
    assert_eq!(of(&report, "CVE-2020-8203")["placement"]["path"], "package.json");
    assert_eq!(of(&report, "CVE-2022-24999")["change"], "existing");
    let (_, listed, _) = workspace.run(&["list", "--format", "json"]);
    assert!(listed.contains("\"path\": \"package.json\"") || listed.contains("\"path\":\"package.json\""), "{listed}");
}

const POM: &str = "<project>\n  <properties>\n    <log4j.version>2.14.1</log4j.version>\n  </properties>\n  <dependencies>\n    \
    <dependency>\n      <groupId>org.apache.logging.log4j</groupId>\n      <artifactId>log4j-core</artifactId>\n      \
    <version>${log4j.version}</version>\n    </dependency>\n  </dependencies>\n</project>\n";

#[test]
fn a_maven_property_is_raised_where_it_is_defined() {
    let workspace = Workspace::new(&[("api/pom.xml", POM)]);
    let name = "org.apache.logging.log4j:log4j-core";
    log(&workspace, "Trivy", &[trivy("CVE-2021-44228", "api/pom.xml", name, "2.14.1", "2.15.0, 2.3.1")]);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("api/pom.xml");
    editor.wait_texts("api/pom.xml", &["${log4j.version}"]);
    let action = upgrade(&editor.actions("api/pom.xml", "${log4j.version}", None));
    assert_eq!(action["title"], "Upgrade org.apache.logging.log4j:log4j-core to 2.15.0 (then run mvn verify)");
    assert_eq!(editor.apply(&action["edit"]), POM.replace("2.14.1", "2.15.0"));
    editor.wait_texts("api/pom.xml", &[]);
}

#[test]
fn packages_of_a_platform_are_looked_for_in_all_projects() {
    let lock = "[[package]]\nname = \"shop\"\nversion = \"0.1.0\"\ndependencies = [\"reqwest\"]\n\n[[package]]\nname = \
                \"reqwest\"\nversion = \"0.10.0\"\nsource = \"registry+x\"\ndependencies = [\"hyper\"]\n\n[[package]]\nname = \
                \"hyper\"\nversion = \"0.13.9\"\nsource = \"registry+x\"\n";
    let manifest = "[package]\nname = \"shop\"\n\n[dependencies]\nreqwest = \"0.10\"\n";
    let workspace = Workspace::new(&[
        ("shop/Cargo.toml", manifest),
        ("shop/Cargo.lock", lock),
        ("web/requirements.txt", "django==3.2.9\n"),
    ]);
    let head = workspace.git(&["rev-parse", "HEAD"]);
    let findings = json!([
        { "title": "hyper", "component_name": "pkg:cargo/hyper", "component_version": "0.13.9", "severity": "High",
          "mitigation": "**Update hyper to** >=0.14.3, >=0.13.10, <0.14.0", "vuln_id_from_tool": "RUSTSEC-2021-0020",
          "description": "Transfer-Encoding" },
        { "title": "django", "component_name": "pkg:pypi/django", "component_version": "3.2.9", "severity": "High",
          "mitigation": "Upgrade to version:\n- 2.2.25\n- 3.2.10", "vuln_id_from_tool": "PYSEC-2021-439",
          "description": "Potential bypass" }
    ]);
    let central = Central::start(&head, &findings);
    central.bind(&workspace);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("web/requirements.txt");
    editor.wait_texts("web/requirements.txt", &["==3.2.9"]);
    editor.open("shop/Cargo.toml");
    editor.wait_texts("shop/Cargo.toml", &["0.10"]);
    let words = editor.hover_text("shop/Cargo.toml", "0.10");
    assert!(words.contains("reqwest 0.10.0 \u{2192} hyper 0.13.9"), "{words}");
    assert!(words.contains("cargo update -p hyper"), "{words}");
    editor.edit("web/requirements.txt", "3.2.9", "3.2.10");
    editor.wait_texts("web/requirements.txt", &[]);
    editor.edit("web/requirements.txt", "django==3.2.10\n", "");
    editor.wait_texts("web/requirements.txt", &[]);
    editor.insert("web/requirements.txt", 0, "Django == 3.2.9\n");
    editor.wait_texts("web/requirements.txt", &["== 3.2.9"]);
    let (_, listed, _) = workspace.run(&["list"]);
    assert!(listed.contains("shop/Cargo.toml:5:12") && listed.contains("web/requirements.txt:1"), "{listed}");
}

#[test]
fn a_change_of_the_lock_file_alone_is_judged_by_the_findings_that_name_no_file() {
    let workspace =
        Workspace::new(&[("package.json", PACKAGE), ("package-lock.json", &LOCK.replace("6.7.0", "6.7.3"))]);
    log(&workspace, "osv-scanner", &[pathless("CVE-2022-24999", "pkg:npm/qs@6.7.0", "6.7.3")]);
    workspace.git(&["switch", "--quiet", "--create", "feature"]);
    let (code, report) = json_of(&workspace, &["--all"]);
    assert_eq!(code, 0, "fixed: {report:#}");
    assert_eq!(report["findings"], json!([]), "{report:#}");
    workspace.write("package-lock.json", LOCK);
    workspace.commit("down");
    for arguments in [&["--diff", "main"][..], &["--all"], &["package-lock.json"]] {
        let (code, report) = json_of(&workspace, arguments);
        assert_eq!(code, 1, "{arguments:?}: {report:#}");
        assert_eq!(of(&report, "CVE-2022-24999")["change"], "introduced", "{arguments:?}");
    }
    workspace.write("package-lock.json", LOCK.replace("6.7.0", "6.7.3"));
    workspace.git(&["add", "--all"]);
    let (code, report) = json_of(&workspace, &["--staged"]);
    assert_eq!(code, 0, "raised in the index: {report:#}");
}

#[test]
fn a_new_manifest_takes_up_what_no_file_named_before() {
    let workspace = Workspace::new(&[("README.md", "shop\n")]);
    log(&workspace, "osv-scanner", &[pathless("CVE-1", "pkg:gem/rack@2.2.2", "2.2.3")]);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_status("unplaced", |status| status["counts"]["unplaced"] == 1);
    workspace.write("Gemfile", "gem \"rack\", \"2.2.2\"\n");
    editor.tell_disk(&[("Gemfile", 1)]);
    editor.open("Gemfile");
    editor.wait_texts("Gemfile", &["2.2.2"]);
    editor.wait_status("placed", |status| status["counts"]["placed"] == 1 && status["counts"]["unplaced"] == 0);
    // One that is not saved yet counts as well.
    editor.edit("Gemfile", "gem \"rack\", \"2.2.2\"\n", "");
    editor.wait_texts("Gemfile", &[]);
    editor.open_with("api/Gemfile", "gem 'rack', '2.2.2'\n");
    editor.wait_texts("api/Gemfile", &["2.2.2"]);
}

#[test]
fn an_exception_names_a_package_by_its_id() {
    let workspace = npm();
    let (_, out, _) = workspace.run(&["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&out).expect("JSON");
    let all = list["findings"].as_array().expect("findings");
    let qs = all.iter().find(|finding| finding["rule"] == "CVE-2022-24999").expect("qs");
    let id = qs["id"].as_str().expect("an id");
    let until = "2099-01-01";
    let triage = ["triage", id, "--status", "false_positive", "--reason", "qs is not reached.", "--until", until];
    let (code, out, err) = workspace.run(&triage);
    assert_eq!(code, 0, "{out}{err}");
    let (_, report) = json_of(&workspace, &["--all"]);
    let told = of(&report, "CVE-2022-24999");
    assert!(told["exception"].is_object(), "{told:#}");
    assert!(of(&report, "CVE-2020-8203")["exception"].is_null(), "{report:#}");
}
