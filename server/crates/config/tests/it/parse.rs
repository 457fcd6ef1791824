//! The text of `aspm.toml`.

use aspm_config::{Application, BundlePlace, Component, Config, PathMapping, SourceConfig, SourceKind};
use proptest::prelude::*;

fn source(name: &str, path: &str) -> SourceConfig {
    SourceConfig::files(name, path)
}

fn parse(text: &str) -> Config {
    Config::parse(text, "aspm.toml").unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_full_file_says_what_this_code_is() {
    let config = parse(
        r#"
        [application]
        name = "shop"
        [[component]]
        path = "services/api"
        name = "api"
        owner = "@team-api"
        [[component]]
        path = "."
        name = "rest"
        [[source]]
        name = "ci"
        kind = "sarif"
        path = "reports/*.sarif"
        [[source]]
        kind = "sarif"
        path = "./out/"
        [[path_map]]
        from = "/build/src"
        to = "services/api"
        [[path_map]]
        from = 'C:\agent\work'
        to = ""
        "#,
    );
    assert_eq!(config.application, Application { name: Some("shop".into()) });
    assert_eq!(
        config.components,
        [
            Component { path: "services/api".into(), name: "api".into(), owner: Some("@team-api".into()) },
            Component { path: ".".into(), name: "rest".into(), owner: None },
        ]
    );
    assert_eq!(config.sources, [source("ci", "reports/*.sarif"), source("sarif", "out")]);
    assert_eq!(
        config.path_map,
        [
            PathMapping { from: "/build/src".into(), to: "services/api".into() },
            PathMapping { from: r"C:\agent\work".into(), to: String::new() },
        ]
    );
}

#[test]
fn a_source_can_be_a_server_or_a_log_behind_a_url() {
    let config = parse(
        r#"
        [[source]]
        name = "central"
        kind = "defectdojo"
        url = "https://Dojo.example.com/dojo"
        product = "shop"
        engagement = "ci"
        [[source]]
        kind = "sarif"
        url = "https://store.example.com/latest.sarif.gz?x=1"
        [policy]
        bundle = "./policy/"
        "#,
    );
    let [central, log] = &config.sources[..] else { panic!("two sources") };
    assert_eq!(central.kind, SourceKind::DefectDojo);
    assert_eq!(central.url.as_ref().unwrap().as_str(), "https://dojo.example.com/dojo");
    assert_eq!((central.product.as_deref(), central.engagement.as_deref()), (Some("shop"), Some("ci")));
    assert_eq!((log.kind, log.path.as_str()), (SourceKind::Sarif, ""));
    assert_eq!(log.url.as_ref().unwrap().query(), Some("x=1"));
    assert_eq!(config.policy_bundle, Some(BundlePlace::Path("policy".into())));
    assert_eq!(config.bundle_path(), Some("policy"));
    assert!(!config.reads("a.sarif"), "a source behind a URL reads no file");
    let config = parse("[policy]\nbundle = 'https://org.example.com/b.tar.gz'\n");
    assert_eq!(config.bundle_path(), None);
    assert_eq!(config.policy_bundle.unwrap().to_string(), "https://org.example.com/b.tar.gz");
}

#[test]
fn without_a_source_the_logs_below_dot_aspm_are_it() {
    for text in ["", "\u{feff}", "# nothing\n", "[application]\nname = \"x\"\n", "source = []\n"] {
        assert_eq!(parse(text).sources, [source("sarif", ".aspm")], "{text:?}");
    }
    assert_eq!(Config::default_for_root().sources, [source("sarif", ".aspm")]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn mistakes_are_told_with_their_place_and_what_is_meant() {
    let long = "x".repeat(41);
    let cases: &[(&str, &[&str])] = &[
        ("name = \n", &["aspm.toml:1:8: this is not TOML: string values must be quoted, expected literal string"]),
        ("[[source]\n", &["aspm.toml:1:10: this is not TOML: unclosed array table, expected `]`"]),
        ("[[source]]\nkind = 'sarif'\npath = 'a'\npath = 'b'\n", &["aspm.toml:4:1: this is not TOML: duplicate key"]),
        (
            "[[sources]]\n",
            &[
                "aspm.toml:1:3: unknown key \"sources\"; did you mean \"source\"? Known keys: application, component, path_map, policy, source",
            ],
        ),
        (
            "[polici]\nbundle = 'x'\n",
            &[
                "aspm.toml:1:2: unknown key \"polici\"; did you mean \"policy\"? Known keys: application, component, path_map, policy, source",
            ],
        ),
        (
            "[application]\nnmae = 'x'\n",
            &["aspm.toml:2:1: unknown key \"nmae\" in `application`; did you mean \"name\"? Known keys: name"],
        ),
        (
            "[[source]]\npath = 'a'\nuri = 'https://x'\n",
            &[
                "aspm.toml:1:1: `source` needs the key `kind`",
                "aspm.toml:3:1: unknown key \"uri\" in `source`; did you mean \"url\"? Known keys: engagement, kind, name, path, product, url",
            ],
        ),
        (
            "[[source]]\nkind = 'saref'\npath = 'a'\n",
            &["aspm.toml:2:8: `source.kind` cannot be \"saref\"; did you mean \"sarif\"? Possible: sarif, defectdojo"],
        ),
        (
            "[[source]]\nkind = 'defectdojo'\npath = 'a'\n",
            &[
                "aspm.toml:2:8: source.kind \"defectdojo\" needs one more key: `url`",
                "aspm.toml:3:8: source.path has no meaning for kind \"defectdojo\"",
            ],
        ),
        (
            "[[source]]\nkind = 'defectdojo'\nurl = 'https://x/?a=b'\nproduct = ''\n",
            &[
                "aspm.toml:3:7: source.url must have no ? part: it is the server's address",
                "aspm.toml:4:11: source.product must not be empty",
            ],
        ),
        ("[[source]]\nkind = 'sarif'\n", &["aspm.toml:2:8: source.kind \"sarif\" needs one more key: `path` or `url`"]),
        (
            "[[source]]\nkind = 'sarif'\npath = 'a'\nurl = 'https://x'\nproduct = 'p'\nengagement = 'e'\n",
            &[
                "aspm.toml:4:7: source.url cannot stand beside `path`: a source is one or the other",
                "aspm.toml:5:11: source.product has no meaning for kind \"sarif\"",
                "aspm.toml:6:14: source.engagement has no meaning for kind \"sarif\"",
            ],
        ),
        (
            "[[source]]\nkind = 'sarif'\nurl = 'https://u:pw@x/a.sarif'\n",
            &["aspm.toml:3:7: source.url must hold no user name or password: run `aspm-lsp login URL` instead"],
        ),
        (
            "[[source]]\nkind = 'sarif'\nurl = 'file:///etc/x.sarif'\n",
            &["aspm.toml:3:7: source.url must begin with https:// or http://"],
        ),
        (
            "[policy]\nbundle = '../p'\n",
            &["aspm.toml:2:10: policy.bundle must not lead out of the repository: `..` is not allowed"],
        ),
        ("[policy]\nbundle = 'git://x'\n", &["aspm.toml:2:10: policy.bundle must begin with https:// or http://"]),
        ("[policy]\nbundle = true\n", &["aspm.toml:2:10: `policy.bundle` must be a string, not a boolean"]),
        ("[source]\nkind = 'sarif'\n", &["aspm.toml:1:1: there can be several: write [[source]] with two brackets"]),
        ("[[application]]\nname = 'x'\n", &["aspm.toml:1:1: there is only one: write [application] with one bracket"]),
        ("[application]\nname = 7\n", &["aspm.toml:2:8: `application.name` must be a string, not an integer"]),
        ("source = 'x'\n", &["aspm.toml:1:10: `source` must be an array of tables, not a string"]),
        ("source = ['x']\n", &["aspm.toml:1:11: `source` must be a table, not a string"]),
        ("application = true\n", &["aspm.toml:1:15: `application` must be a table, not a boolean"]),
        (
            "[[source]]\nkind = 1979-05-27\npath = 1.5\n",
            &[
                "aspm.toml:2:8: `source.kind` must be a string, not a date",
                "aspm.toml:3:8: `source.path` must be a string, not a float",
            ],
        ),
        ("[application]\nname = ' '\n", &["aspm.toml:2:8: application.name must not be empty"]),
        (
            "[application]\nname = \"a\\nb\"\n",
            &["aspm.toml:2:8: application.name must be one line of at most 200 bytes"],
        ),
        (
            "[[component]]\npath = '/srv'\nname = ''\nowner = ''\n",
            &[
                "aspm.toml:2:8: component.path must be relative to the repository's root, not absolute",
                "aspm.toml:3:8: component.name must not be empty",
                "aspm.toml:4:9: component.owner must not be empty",
            ],
        ),
        (
            "[[source]]\nname = 'CI'\nkind = 'sarif'\npath = 'a'\n",
            &["aspm.toml:2:8: source.name must be 1 to 40 of a-z, 0-9, _ and -, not \"CI\""],
        ),
        (
            "[[source]]\nkind = 'sarif'\npath = 'a'\n[[source]]\nkind = 'sarif'\npath = 'b'\n",
            &["aspm.toml:4:1: two sources are named \"sarif\": give each its own `name`"],
        ),
        (
            "# é\n[[source]]\nkind = 'sarif' # é\npath = '[a'\n",
            &["aspm.toml:4:8: source.path is not a valid glob: unclosed character class; missing ']'"],
        ),
        ("é = 1\n", &["aspm.toml:1:1: this is not TOML: invalid unquoted key, expected letters, numbers, `-`, `_`"]),
        (
            "[[path_map]]\nfrom = ''\nto = '../x'\n",
            &[
                "aspm.toml:2:8: path_map.from must not be empty",
                "aspm.toml:3:6: path_map.to must not lead out of the repository: `..` is not allowed",
            ],
        ),
    ];
    for (text, expected) in cases {
        let error = Config::parse(text, "aspm.toml").expect_err(text);
        assert_eq!(error.to_string(), expected.join("\n"), "\n--- of:\n{text}");
    }
    let text = format!("[[source]]\nname = '{long}'\nkind = 'sarif'\npath = 'a'\n");
    assert!(Config::parse(&text, "x").is_err(), "a name of 41 characters");
    assert!(Config::parse(&text.replace(&long, &long[1..]), "x").is_ok(), "a name of 40 characters");
    assert!(Config::parse(&"[[component]]\npath='a'\nname='b'\n".repeat(1001), "x").is_err(), "more than 1000 tables");
}

#[test]
fn a_source_cannot_name_a_place_outside_the_root() {
    let refused: &[(&str, &str)] = &[
        ("", "must not be empty"),
        ("/etc/x.sarif", "must be relative to the repository's root, not absolute"),
        ("~/x.sarif", "must be relative to the repository's root, not absolute"),
        ("C:/x.sarif", "must be relative to the repository's root, not absolute"),
        ("c:x.sarif", "must be relative to the repository's root, not absolute"),
        ("//server/share/x.sarif", "must be relative to the repository's root, not absolute"),
        (r"\\server\share\x.sarif", "must use / between folders, not \\"),
        (r"..\x.sarif", "must use / between folders, not \\"),
        ("../x.sarif", "must not lead out of the repository: `..` is not allowed"),
        ("a/../../x.sarif", "must not lead out of the repository: `..` is not allowed"),
        ("a/..", "must not lead out of the repository: `..` is not allowed"),
        ("{..,a}/x.sarif", "must not lead out of the repository: `..` is not allowed"),
        ("{a,..}/x.sarif", "must not lead out of the repository: `..` is not allowed"),
        ("https://example.com/x.sarif", "must be a path below the repository's root, not a URL"),
        (".git/x.sarif", "must not lie in .git"),
        ("a/.GIT/x.sarif", "must not lie in .git"),
        (" a", "must have no white space around it and no control characters in it"),
        ("a\u{0}b", "must have no white space around it and no control characters in it"),
        ("a\nb", "must have no white space around it and no control characters in it"),
    ];
    for (path, expected) in refused {
        let error = Config::parse(&one_source(path), "f").expect_err(path);
        assert_eq!(error.to_string(), format!("f:3:8: source.path {expected}"), "{path}");
    }
    for path in [".", "a", "a/b.sarif", "..a/b", "a..b", "**/*.sarif", ".github/x.gitx", "{a,b}/*.sarif", "ü/x y.sarif"]
    {
        assert!(Config::parse(&one_source(path), "f").is_ok(), "{path}");
    }
}

fn one_source(path: &str) -> String {
    // JSON's strings are TOML's, but for one control character.
    format!("[[source]]\nkind = 'sarif'\npath = {}\n", serde_json::Value::from(path))
}

#[test]
fn a_changed_file_is_known_to_be_read_by_a_source() {
    for (pattern, read, not_read) in [
        (
            ".aspm",
            vec![".aspm/a.sarif", ".aspm/b/c.sarif.json.gz", ".aspm/x.sarif-external-properties"],
            vec![".aspm/a.txt", "a.sarif", "x.aspm/a.sarif"],
        ),
        ("out/a.log", vec!["out/a.log", "out/p.sarif-external-properties"], vec!["out/b.log", "a.log"]),
        ("out/*.sarif", vec!["out/a.sarif", "out/p.sarif-external-properties"], vec!["out/b/a.sarif", "out/a.json"]),
        (".", vec!["a.sarif", "a/b.sarif.gz"], vec!["a.rs"]),
        ("**/*.sarif", vec!["a.sarif", "a/b.sarif"], vec!["a/b.rs"]),
    ] {
        let config = parse(&one_source(pattern));
        for path in read {
            assert!(config.reads(path), "{pattern} reads {path}");
        }
        for path in not_read {
            assert!(!config.reads(path), "{pattern} does not read {path}");
        }
    }
}

proptest! {
    #[test]
    fn parsing_never_panics_and_errors_have_a_place(text in any_text()) {
        if let Err(error) = Config::parse(&text, "f") {
            prop_assert!(!error.problems.is_empty());
            for problem in &error.problems {
                prop_assert!(problem.line >= 1 && problem.line <= text.lines().count() + 1, "{error}");
                prop_assert!(problem.column >= 1);
            }
        }
    }

    #[test]
    fn an_accepted_source_never_leaves_the_root(path in "[a-c./\\\\~:{},*\\[\\] ]{0,12}") {
        if let Ok(config) = Config::parse(&one_source(&path), "f") {
            let kept = &config.sources[0].path;
            prop_assert!(!kept.starts_with('/') && !kept.contains('\\') && !kept.split('/').any(|part| part == ".."));
        }
    }
}

/// Arbitrary text, and text made of the pieces of a real file in any order.
fn any_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "[application]",
        "[[source]]",
        "[source]",
        "[[component]]",
        "[[path_map]]",
        "name",
        "kind",
        "path",
        " = ",
        "'sarif'",
        "'defectdojo'",
        "url",
        "[policy]",
        "'https://x'",
        "\"a\"",
        "[",
        "]",
        "{",
        "}",
        "\n",
        "\r\n",
        "é",
        "''",
        "1",
        "true",
        ".",
        ",",
        "#",
        "\"\"\"",
        "\\u0000",
        "source.a",
    ]);
    prop_oneof![any::<String>(), prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())]
}
