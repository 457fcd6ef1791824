//! Scanned paths onto workspace files, and renames by content.

use std::sync::Arc;

use aspm_anchor::paths::{Mapped, map};
use aspm_anchor::renames::best;

fn arcs(paths: &[&str]) -> Vec<Arc<str>> {
    paths.iter().map(|path| Arc::from(*path)).collect()
}

/// `=path` exact, `~path` by suffix, `?a|b` ambiguous, `-` missing, `!` outside.
fn shown(mapped: &Mapped) -> String {
    match mapped {
        Mapped::Exact(path) => format!("={path}"),
        Mapped::Suffix { path, .. } => format!("~{path}"),
        Mapped::Ambiguous(paths) => format!("?{}", paths.join("|")),
        Mapped::Missing => "-".to_owned(),
        Mapped::Outside => "!".to_owned(),
    }
}

/// What it shows, the workspace's files, and each scanned path with what it maps to.
type Row<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)]);

#[test]
fn paths_map_as_tools_write_them() {
    let table: &[Row<'_>] = &[
        (
            "as it is",
            &["app/a.py"],
            &[("app/a.py", "=app/a.py"), ("./app/a.py", "=app/a.py"), ("app//x/../a.py", "=app/a.py")],
        ),
        ("container", &["src/a.ts", "src/b.ts"], &[("/work/src/a.ts", "~src/a.ts"), ("/src/b.ts", "~src/b.ts")]),
        ("container root", &["a.ts", "lib/b.ts"], &[("/src/a.ts", "~a.ts"), ("/src/lib/b.ts", "~lib/b.ts")]),
        ("repository's name in front", &["app/a.py"], &[("shop/app/a.py", "~app/a.py")]),
        (
            "windows",
            &["x/a.py"],
            &[("C:\\build\\x\\a.py", "~x/a.py"), ("x\\a.py", "=x/a.py"), ("/C:/b/x/a.py", "~x/a.py")],
        ),
        ("URI left over", &["x/a.py"], &[("file:///src/x/a.py", "~x/a.py"), ("file://host/src/x/a.py", "~x/a.py")]),
        (
            "scan of a sub-folder",
            &["app/views.py", "api/models.py", "app/models.py"],
            &[("views.py", "~app/views.py"), ("models.py", "~app/models.py")],
        ),
        ("ambiguous", &["a/x.py", "b/x.py"], &[("x.py", "?a/x.py|b/x.py"), ("/src/x.py", "?a/x.py|b/x.py")]),
        ("longest suffix", &["a/lib/x.py", "lib/x.py"], &[("/src/a/lib/x.py", "~a/lib/x.py")]),
        ("missing", &["a.py"], &[("b.py", "-"), ("", "-"), ("/", "-")]),
        ("outside", &["a.py"], &[("../a.py", "!"), ("x/../../a.py", "!")]),
        ("letter case", &["Src/App.py"], &[("src/app.py", "~Src/App.py"), ("/b/src/app.py", "~Src/App.py")]),
        ("exact case wins", &["App.py", "app.py"], &[("app.py", "=app.py"), ("APP.py", "?App.py|app.py")]),
        ("an equal name in an unrelated folder", &["compat/stdio.h"], &[("/usr/include/stdio.h", "-")]),
        (
            "unless other paths agree",
            &["src/a.py", "src/b.py"],
            &[("/build/app/a.py", "~src/a.py"), ("/build/app/b.py", "~src/b.py")],
        ),
        (
            "the root's file, when the scan ran at the root",
            &["views.py", "app/views.py", "main.py"],
            &[("views.py", "=views.py"), ("main.py", "=main.py")],
        ),
        (
            "the folder's file, when the scan plainly ran in the folder",
            &["app/a.py", "app/b.py", "app/setup.py", "setup.py"],
            &[("a.py", "~app/a.py"), ("b.py", "~app/b.py"), ("setup.py", "~app/setup.py")],
        ),
    ];
    for (what, files, expected) in table {
        let mut files = arcs(files);
        files.sort();
        let scanned: Vec<Arc<str>> = expected.iter().map(|(scanned, _)| Arc::from(*scanned)).collect();
        let got: Vec<String> = map(&scanned, &files, &[]).iter().map(shown).collect();
        let expected: Vec<&str> = expected.iter().map(|(_, mapped)| *mapped).collect();
        assert_eq!(got, expected, "{what}");
    }
}

#[test]
fn a_rule_of_the_configuration_wins_where_its_file_exists() {
    let files = arcs(&["a.py", "services/api/a.py"]);
    let rules = [("/build".to_owned(), "services/api".to_owned())];
    let got = map(&arcs(&["/build/a.py", "/build/b.py", "/builder/a.py"]), &files, &rules);
    let got: Vec<String> = got.iter().map(shown).collect();
    assert_eq!(got, ["~services/api/a.py", "-", "?a.py|services/api/a.py"]);
}

#[test]
fn the_mapping_says_how_the_paths_differ() {
    let files = arcs(&["app/x/a.py"]);
    let got = map(&arcs(&["/src/x/a.py", "APP/X/A.py"]), &files, &[]);
    let how: Vec<&str> = got
        .iter()
        .map(|mapped| match mapped {
            Mapped::Suffix { how, .. } => &**how,
            _ => "",
        })
        .collect();
    assert_eq!(how, ["scanned under /src, here under app", "scanned as APP/X/A.py, here in other letter case"]);
}

#[test]
fn thousands_of_equal_names_are_told_apart_by_the_scans_prefix() {
    let mut files: Vec<Arc<str>> = (0..20_000).map(|n| format!("pkg{}/mod{n}/index.js", n % 40).into()).collect();
    files.push("only.js".into());
    files.sort();
    let scanned: Vec<Arc<str>> = (0..5_000).map(|n| format!("/w/pkg{}/mod{n}/index.js", n % 40).into()).collect();
    let mapped = map(&scanned, &files, &[]);
    for (scanned, mapped) in scanned.iter().zip(mapped) {
        assert_eq!(shown(&mapped), format!("~{}", &scanned[3..]));
    }
}

#[test]
fn a_rename_is_the_identical_file_else_the_most_similar_one() {
    let old = "import os\n\ndef f(x):\n    return eval(x)\n\ndef g():\n    return 1\n";
    let edited = old.replace("return 1", "return 2");
    let other = "class A:\n    pass\n";
    let added = |files: &[(&str, &str)]| -> Vec<(Arc<str>, Arc<str>)> {
        files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect()
    };
    let found = |files: &[(&str, &str)]| best(("src/old.py", old), &added(files)).map(|(at, _)| at);
    assert_eq!(found(&[("a.py", other), ("b.py", &edited), ("c.py", old)]), Some(2));
    assert_eq!(found(&[("a.py", other), ("b.py", &edited)]), Some(1));
    assert_eq!(found(&[("a.py", other)]), None);
    assert_eq!(
        found(&[("copy.txt", old), ("new/old.py", old), ("new/b.py", old)]),
        Some(1),
        "the name decides between equals"
    );
    let much_edited =
        "import re\n\nclass A:\n    def f(x):\n        return eval(x)\n\ndef h():\n    return 3\n\nprint(h())\n";
    assert_eq!(found(&[("new/old.py", much_edited), ("b.py", other)]), Some(0), "the only one of its name");
    assert_eq!(found(&[("new/a.py", much_edited), ("b.py", other)]), None, "too little in common for another name");
    assert_eq!(found(&[("new/old.py", much_edited), ("lib/old.py", other)]), None, "two of its name");
    assert_eq!(found(&[("new/old.py", other)]), None, "the name alone is not enough");
    assert_eq!(best(("e.py", ""), &added(&[("x.py", "")])), None, "an empty file became nothing");
    let (_, similarity) = best(("src/old.py", old), &added(&[("b.py", &edited)])).expect("similar");
    assert!(similarity > 0.7 && similarity < 1.0, "{similarity}");
}
