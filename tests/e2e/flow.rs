//! Every step of a data flow stands on its code of now, in whatever file that is.

use serde_json::{Value, json};

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str =
    "import web\n\ndef search(db):\n    term = web.term()\n    sql = \"select \" + term\n    return db.execute(sql)\n";
const WEB: &str = "import flask\n\ndef term():\n    return flask.request.args[\"q\"]\n";
const SOURCE: &str = "flask.request.args[\"q\"]";
const SINK: &str = "db.execute(sql)";

fn injection() -> Log {
    Log::new("CodeQL").with(
        result("py/sql-injection", "app.py", APP, SINK)
            .step(("web.py", WEB), SOURCE, "the query parameter")
            .step(("app.py", APP), "term = web.term()", "goes into term")
            .step(("app.py", APP), SINK, "runs as SQL"),
    )
}

/// The log is of the commit, as those of CI are.
fn scanned() -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP), ("web.py", WEB)]);
    let commit = workspace.git(&["rev-parse", "HEAD"]).trim().to_owned();
    workspace.log("codeql", &injection().of_commit(&commit));
    workspace
}

/// Words of each step and the text it stands on, by the texts of now.
fn steps(workspace: &Workspace, editor: &Editor, diagnostic: &Value) -> Option<Vec<(String, String)>> {
    let related = diagnostic["relatedInformation"].as_array().cloned().unwrap_or_default();
    let one = |related: &Value| {
        let uri = related["location"]["uri"].as_str().expect("an address");
        let path = ["app.py", "web.py", "http/web.py"].into_iter().find(|path| workspace.uri(path) == uri);
        let path = path.unwrap_or_else(|| panic!("{uri} is no file of this workspace"));
        let text = editor.documents.get(uri).map_or_else(|| workspace.read(path), |open| open.text.clone());
        Some((related["message"].as_str()?.to_owned(), covered(&text, &related["location"]["range"])?))
    };
    related.iter().map(one).collect()
}

/// The texts here are ASCII: a character is a byte in each encoding.
fn covered(text: &str, range: &Value) -> Option<String> {
    let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("small");
    let offset = |place: &Value| {
        let before: usize = text.split_inclusive('\n').take(number(&place["line"])).map(str::len).sum();
        before + number(&place["character"])
    };
    text.get(offset(&range["start"])..offset(&range["end"])).map(str::to_owned)
}

fn owned(steps: &[(&str, &str)]) -> Vec<(String, String)> {
    steps.iter().map(|(words, text)| ((*words).to_owned(), (*text).to_owned())).collect()
}

const UNCHANGED: [(&str, &str); 3] = [
    ("step 1 of 3: the query parameter", SOURCE),
    ("step 2 of 3: goes into term", "term = web.term()"),
    ("step 3 of 3: runs as SQL", SINK),
];

/// Waits until the one diagnostic on `app.py` has these steps on the texts of now.
fn wait_steps(editor: &mut Editor, workspace: &Workspace, why: &str, wanted: &[(&str, &str)]) -> Value {
    let wanted = owned(wanted);
    editor.wait(why, |editor| {
        let shown = editor.is_current("app.py").then(|| editor.shown("app.py"))?;
        let only = shown.first().filter(|_| shown.len() == 1)?;
        (steps(workspace, editor, &only.raw)? == wanted).then(|| only.raw.clone())
    })
}

#[test]
fn steps_are_related_information_in_order_with_their_words() {
    let workspace = scanned();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    wait_steps(&mut editor, &workspace, "three steps", &UNCHANGED);
}

#[test]
fn steps_stand_on_their_code_after_commits_in_other_files() {
    let workspace = scanned();
    workspace.write("web.py", format!("# comment\nimport os\n\n\n{WEB}"));
    workspace.commit("more imports");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    wait_steps(&mut editor, &workspace, "three steps", &UNCHANGED);
    let page = editor.hover_text("app.py", SINK);
    assert!(page.contains("web.py:8") && !page.contains("web.py:4"), "{page}");
}

#[test]
fn a_step_is_followed_into_a_renamed_file() {
    let workspace = scanned();
    std::fs::create_dir(workspace.path("http")).expect("a new folder");
    workspace.git(&["mv", "web.py", "http/web.py"]);
    workspace.commit("web goes into a package");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    wait_steps(&mut editor, &workspace, "three steps", &UNCHANGED);
}

#[test]
fn steps_follow_what_is_typed_here_at_once_and_what_is_saved_elsewhere() {
    let workspace = scanned();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.open("web.py");
    wait_steps(&mut editor, &workspace, "three steps", &UNCHANGED);
    editor.edit("app.py", "import web\n", "import web\nimport os\nimport sys\n");
    wait_steps(&mut editor, &workspace, "steps below what was typed", &UNCHANGED);
    editor.edit("web.py", "import flask\n", "import flask\n\n# from the address\n");
    let uri = workspace.uri("web.py");
    editor.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    wait_steps(&mut editor, &workspace, "the step in the other document", &UNCHANGED);
}

#[test]
fn a_step_that_is_gone_is_no_place_any_more_and_the_page_says_so() {
    let workspace = scanned();
    workspace.write("web.py", "def term():\n    return \"fixed\"\n");
    workspace.commit("no parameter");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = wait_steps(&mut editor, &workspace, "the other steps", &UNCHANGED[1..]);
    let page = editor.command("aspm.open", json!({ "id": shown["data"]["ids"][0] })).expect("a page");
    let page = page["markdown"].as_str().expect("words");
    assert!(page.contains("(as scanned; gone from the code)"), "{page}");
}

#[test]
fn steps_outside_of_the_folder_are_never_opened() {
    let workspace = scanned();
    let outside = "SECRET = 1\n";
    let log = Log::new("CodeQL").with(
        result("py/sql-injection", "app.py", APP, SINK)
            .step(("../../etc/passwd", outside), "SECRET", "from outside")
            .step(("app.py", APP), SINK, "runs as SQL"),
    );
    workspace.log("codeql", &log);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    wait_steps(&mut editor, &workspace, "the step within", &[("step 2 of 2: runs as SQL", SINK)]);
}

/// The actions at the sink whose title has these words.
fn offered(editor: &mut Editor, words: &str) -> Vec<Value> {
    let mut actions = editor.actions("app.py", SINK, None);
    actions.retain(|action| action["title"].as_str().is_some_and(|title| title.contains(words)));
    actions
}

#[test]
fn a_client_with_a_list_of_places_gets_all_steps_of_a_flow() {
    let workspace = scanned();
    let mut editor = Editor::start(&workspace, Profile::push().with("/experimental/aspm/locations", json!(true)));
    editor.open("app.py");
    wait_steps(&mut editor, &workspace, "three steps", &UNCHANGED);
    let actions = offered(&mut editor, "Show the data flow (3 steps)");
    let argument = actions[0]["command"]["arguments"][0].clone();
    let answer = editor.command("aspm.flow", argument).expect("shown");
    let told = editor.wait_asked("aspm/locations");
    assert_eq!(told["locations"], answer["locations"]);
    let messages: Vec<&str> =
        told["locations"].as_array().expect("places").iter().filter_map(|place| place["message"].as_str()).collect();
    assert_eq!(messages, UNCHANGED.map(|(words, _)| words));
    assert_eq!(told["locations"][0]["uri"], json!(workspace.uri("web.py")));
}

#[test]
fn plain_lsp_goes_to_the_source_of_the_data_and_opens_the_page_for_the_rest() {
    let workspace = scanned();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    wait_steps(&mut editor, &workspace, "three steps", &UNCHANGED);
    let go = offered(&mut editor, "Go to the source of the data: web.py:4 (the query parameter)");
    editor.command("aspm.flow", go[0]["command"]["arguments"][0].clone()).expect("gone there");
    let first = editor.wait_asked("window/showDocument");
    assert_eq!(first["uri"], json!(workspace.uri("web.py")));
    assert_eq!(first["selection"]["start"], json!({ "line": 3, "character": 11 }));
    let all = offered(&mut editor, "Show the data flow");
    editor.command("aspm.flow", all[0]["command"]["arguments"][0].clone()).expect("opened");
    let second = editor.wait_asked("window/showDocument");
    assert!(second["uri"].as_str().is_some_and(|uri| uri.contains("/pages/")), "{second}");
}
