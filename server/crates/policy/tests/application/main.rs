//! Which application code belongs to, and that the repository has no say in what weighs.

use std::cell::Cell;

use aspm_policy::application::{Applications, Names, SourceApplication};
use finding::Application;
use proptest::prelude::*;
use serde_json::{Value, json};

fn data(applications: &Value) -> Value {
    json!({ "aspm": { "applications": applications } })
}

fn read(applications: &Value) -> Applications {
    let (applications, problems) = Applications::of(&data(applications));
    assert_eq!(problems, Vec::<String>::new());
    applications
}

fn urls(urls: &[&str]) -> Vec<String> {
    urls.iter().map(|url| (*url).to_owned()).collect()
}

fn nobody(_: &str) -> Vec<String> {
    Vec::new()
}

fn shop() -> Value {
    json!({
        "github.com/acme/shop": {
            "name": "shop", "criticality": "high", "exposure": "internet", "platform": "web", "lifecycle": "production",
            "owner": "@acme/shop", "sla": { "critical": 7, "high": 30 }, "approvers": ["ciso"],
            "required_scanners": ["bandit"],
            "components": [
                { "path": "services/api/", "name": "api", "owner": "@acme/api", "criticality": "critical", "exposure": "partner" },
                { "path": "services", "name": "services" },
                { "path": "services/api/docs", "criticality": "low" },
            ],
        },
    })
}

#[test]
fn the_example_of_the_documentation_is_understood_whole() {
    let bound = read(&shop()).bind(&urls(&["github.com/acme/shop"]), None, Names::default());
    let application = bound.for_path("README.md", &nobody);
    let expected = Application {
        name: Some("shop".into()),
        repository: Some("github.com/acme/shop".into()),
        criticality: Some("high".into()),
        exposure: Some("internet".into()),
        platform: Some("web".into()),
        lifecycle: Some("production".into()),
        component: None,
        owner: Some("@acme/shop".into()),
        sla: [("critical".to_owned(), 7), ("high".to_owned(), 30)].into(),
        approvers: vec!["ciso".into()],
        required_scanners: vec!["bandit".into()],
    };
    assert_eq!(application, expected);
    assert_eq!(bound.application(), &expected);
}

#[test]
fn a_repository_is_found_by_any_of_its_urls() {
    let applications = read(&json!({ "https://token@GitHub.com/Acme/Shop.git/": { "name": "shop" } }));
    for url in ["github.com/acme/shop", "git@github.com:acme/shop.git", "ssh://git@github.com:22/acme/shop"] {
        let bound = applications.bind(&urls(&["https://elsewhere.example/x/y", url]), None, Names::default());
        assert_eq!(bound.application().name.as_deref(), Some("shop"), "{url}");
    }
    for url in [
        "github.com/acme/shop2",
        "github.com/acme",
        "evil.example/github.com/acme/shop",
        "github.com.evil.example/acme/shop",
    ] {
        assert_eq!(
            applications.bind(&urls(&[url]), None, Names::default()).application(),
            &Application::default(),
            "{url}"
        );
    }
}

#[test]
fn the_longest_component_by_whole_segments_decides() {
    let bound = read(&shop()).bind(&urls(&["github.com/acme/shop"]), None, Names::default());
    for (path, component, criticality, exposure, owner) in [
        ("services/api/main.py", Some("api"), "critical", "partner", "@acme/api"),
        ("./services/api/main.py", Some("api"), "critical", "partner", "@acme/api"),
        ("services/api", Some("api"), "critical", "partner", "@acme/api"),
        ("services/api2/main.py", Some("services"), "high", "internet", "@acme/shop"),
        ("services/web.py", Some("services"), "high", "internet", "@acme/shop"),
        ("services/api/docs/a.md", None, "low", "internet", "@acme/shop"),
        ("x/services/api/main.py", None, "high", "internet", "@acme/shop"),
        ("Services/api/main.py", None, "high", "internet", "@acme/shop"),
        ("", None, "high", "internet", "@acme/shop"),
    ] {
        let application = bound.for_path(path, &nobody);
        assert_eq!(application.component.as_deref(), component, "{path}");
        assert_eq!(application.criticality.as_deref(), Some(criticality), "{path}");
        assert_eq!(application.exposure.as_deref(), Some(exposure), "{path}");
        assert_eq!(application.owner.as_deref(), Some(owner), "{path}");
    }
}

/// An `aspm.toml`.
fn config(text: &str) -> config::Config {
    config::Config::parse(text, "aspm.toml").expect("a good file")
}

#[test]
fn the_repository_names_itself_only_where_nobody_else_does() {
    let own = config("[application]\nname = \"mine\"\n");
    let source = SourceApplication { name: Some("theirs".into()), ..SourceApplication::default() };
    let known = read(&shop());
    let none = Applications::default();
    let here = urls(&["github.com/acme/shop"]);
    for (applications, source, expected) in
        [(&known, Some(&source), "shop"), (&none, Some(&source), "theirs"), (&none, None, "mine")]
    {
        let bound = applications.bind(&here, source, Names::of(&own));
        assert_eq!(bound.application().name.as_deref(), Some(expected));
    }
}

#[test]
fn a_repository_that_takes_another_applications_name_gets_none_of_its_facts() {
    let own = config("[application]\nname = \"shop\"\n");
    let bound = read(&shop()).bind(&urls(&["github.com/mallory/fork"]), None, Names::of(&own));
    assert_eq!(
        bound.for_path("services/api/a.py", &nobody),
        Application { name: Some("shop".into()), ..Application::default() }
    );
}

#[test]
fn a_repository_cannot_say_what_weighs() {
    for key in
        ["criticality = \"low\"", "exposure = \"isolated\"", "approvers = [\"dana\"]", "sla = { critical = 900 }"]
    {
        assert!(config::Config::parse(&format!("[application]\n{key}\n"), "aspm.toml").is_err(), "{key}");
        assert!(
            config::Config::parse(&format!("[[component]]\npath = \"a\"\nname = \"a\"\n{key}\n"), "aspm.toml").is_err(),
            "{key}"
        );
    }
}

#[test]
fn a_component_of_the_repository_takes_nothing_from_the_organisations() {
    let own = config(
        "[[component]]\npath = \"services/api/v1\"\nname = \"harmless\"\nowner = \"@me\"\n[[component]]\npath = \"tools\"\nname = \"tools\"\nowner = \"@tools\"\n",
    );
    let bound = read(&shop()).bind(&urls(&["github.com/acme/shop"]), None, Names::of(&own));
    let inside = bound.for_path("services/api/v1/a.py", &nobody);
    assert_eq!((inside.component.as_deref(), inside.owner.as_deref()), (Some("api"), Some("@acme/api")));
    assert_eq!(inside.criticality.as_deref(), Some("critical"));
    let outside = bound.for_path("tools/a.py", &nobody);
    assert_eq!((outside.component.as_deref(), outside.owner.as_deref()), (Some("tools"), Some("@tools")));
    assert_eq!(outside.criticality.as_deref(), Some("high"));
}

#[test]
fn the_owner_is_the_nearest_that_is_named() {
    let own = config("[[component]]\npath = \"services\"\nname = \"s\"\nowner = \"@toml\"\n");
    let here = urls(&["github.com/acme/shop"]);
    let codeowners =
        |path: &str| if path.contains(".md") { Vec::new() } else { vec!["@a".to_owned(), "@b".to_owned()] };
    let bound = read(&shop()).bind(&here, None, Names::of(&own));
    for (path, expected) in [
        ("services/api/x.py", "@acme/api"),
        ("services/x.py", "@toml"),
        ("x.py", "@a, @b"),
        ("x.md", "@acme/shop"),
        ("", "@acme/shop"),
    ] {
        assert_eq!(bound.for_path(path, &codeowners).owner.as_deref(), Some(expected), "{path}");
    }
    assert_eq!(Applications::default().bind(&here, None, Names::default()).for_path("x.md", &codeowners).owner, None);
}

#[test]
fn codeowners_is_not_asked_where_the_answer_is_known() {
    let asked = Cell::new(0);
    let codeowners = |_: &str| {
        asked.set(asked.get() + 1);
        Vec::new()
    };
    let bound = read(&shop()).bind(&urls(&["github.com/acme/shop"]), None, Names::default());
    let _ = bound.for_path("services/api/x.py", &codeowners);
    assert_eq!(asked.get(), 0);
    let _ = bound.for_path("x.py", &codeowners);
    assert_eq!(asked.get(), 1);
}

#[test]
fn a_source_fills_what_the_data_leaves_open_and_nothing_else() {
    let source = SourceApplication {
        criticality: Some(" Low ".into()),
        exposure: Some("Partner".into()),
        platform: Some("mobile".into()),
        owner: Some("@source".into()),
        ..SourceApplication::default()
    };
    let applications = read(&json!({ "github.com/acme/shop": { "criticality": "critical", "platform": "web" } }));
    let bound = applications.bind(&urls(&["github.com/acme/shop"]), Some(&source), Names::default());
    let facts = bound.application();
    assert_eq!(
        [&facts.criticality, &facts.exposure, &facts.platform, &facts.owner].map(Option::as_deref),
        [Some("critical"), Some("partner"), Some("web"), Some("@source")]
    );
    let odd = SourceApplication {
        criticality: Some("very high".into()),
        exposure: Some("yes".into()),
        ..SourceApplication::default()
    };
    let bound = Applications::default().bind(&[], Some(&odd), Names::default());
    assert_eq!(bound.application(), &Application::default());
}

#[test]
fn what_is_wrong_is_named_by_its_key_and_the_rest_counts() {
    for (field, value, named) in [
        ("name", json!(7), "name` must be a text, not a number"),
        ("criticality", json!("huge"), "criticality` cannot be `huge`"),
        ("exposure", json!(["internet"]), "exposure` must be a text, not a list"),
        ("lifecycle", json!("new"), "lifecycle` cannot be `new`"),
        ("sla", json!(7), "sla` must be a map"),
        ("sla", json!({ "critical": -1 }), "sla.critical` must be whole days"),
        ("sla", json!({ "critical": 1.5 }), "sla.critical` must be whole days"),
        ("sla", json!({ "critical": "7" }), "sla.critical` must be whole days"),
        ("sla", json!({ "critical": 99_999_999_999_u64 }), "sla.critical` must be whole days"),
        ("sla", json!({ "urgent": 1 }), "sla.urgent` is not known"),
        ("required_scanners", json!({ "a": 1 }), "required_scanners` must be a list"),
        ("required_scanners", json!([7]), "required_scanners[0]` must be a text"),
        ("components", json!({}), "components` must be a list"),
        ("components", json!(["a"]), "components[0]` must be a map"),
        ("components", json!([{ "name": "a" }]), "components[0]` needs a `path`"),
        ("components", json!([{ "path": "../a" }]), "components[0]` needs a `path`"),
        ("components", json!([{ "path": "a/*" }]), "components[0]` needs a `path`"),
        ("components", json!([{ "path": "a", "critcality": "low" }]), "did you mean `criticality`?"),
        ("critically", json!("high"), "did you mean `criticality`?"),
        ("zzz", json!(1), "zzz` is not known; possible: name"),
    ] {
        let mut entry = json!({ "owner": "@x" });
        entry[field] = value.clone();
        let (applications, problems) = Applications::of(&data(&json!({ "github.com/a/b": entry })));
        assert_eq!(problems.len(), 1, "{field} {value}: {problems:?}");
        assert!(
            problems[0].contains(named) && problems[0].contains("aspm.applications[\"github.com/a/b\"]"),
            "{problems:?}"
        );
        let bound = applications.bind(&urls(&["github.com/a/b"]), None, Names::default());
        assert_eq!(bound.application().owner.as_deref(), Some("@x"), "{field}");
        assert!(bound.application().sla.is_empty() && bound.application().criticality.is_none());
    }
    for (whole, named) in [
        (data(&json!([])), "`aspm.applications` must be a map"),
        (data(&json!({ "shop": {} })), "is not the URL of one repository"),
        (data(&json!({ "github.com/acme/*": {} })), "is not the URL of one repository"),
        (data(&json!({ "github.com/a/b": "shop" })), "must be a map, not a text"),
        (json!({ "applications": {} }), "write it below `aspm`"),
    ] {
        let (applications, problems) = Applications::of(&whole);
        assert!(applications.is_empty());
        assert!(problems.len() == 1 && problems[0].contains(named), "{problems:?}");
    }
    for nothing in [json!(null), json!({}), json!({ "aspm": {} }), data(&json!(null)), json!("x")] {
        assert_eq!(Applications::of(&nothing), (Applications::default(), Vec::new()), "{nothing}");
    }
}

#[test]
fn many_mistakes_are_not_told_one_by_one() {
    let map: serde_json::Map<String, Value> = (0..5_000).map(|number| (format!("x{number}"), json!(1))).collect();
    let (_, problems) = Applications::of(&data(&Value::Object(map)));
    assert_eq!(problems.len(), 101);
    assert!(problems[100].contains("4900 more"), "{}", problems[100]);
}

#[test]
fn approvers_that_cannot_be_read_leave_nobody_rather_than_everybody() {
    let approvers = |written: Value| {
        let (applications, _) = Applications::of(&data(&json!({ "github.com/a/b": { "approvers": written } })));
        applications.bind(&urls(&["github.com/a/b"]), None, Names::default()).application().approvers.clone()
    };
    for odd in [json!(7), json!({ "ciso": true }), json!([7]), json!([""]), json!([[]]), json!(" ")] {
        let approvers = approvers(odd.clone());
        assert_eq!(approvers, [""], "{odd}");
        for by in [None, Some("dana"), Some(""), Some("@")] {
            let status = finding::Status {
                value: finding::StatusValue::RiskAccepted,
                by: by.map(str::to_owned),
                ..Default::default()
            };
            let exception = aspm_policy::exceptions::status_at_source(&status, &approvers).unwrap();
            assert_eq!(exception.state, finding::ExceptionState::Unauthorized, "{odd} {by:?}");
        }
    }
    assert_eq!(approvers(json!("ciso")), ["ciso"], "one name is a list of one");
    assert_eq!(approvers(json!(["ciso", 7])), ["ciso"], "the rest counts");
    assert_eq!(approvers(json!([])), Vec::<String>::new());
}

#[test]
fn of_two_entries_for_one_repository_the_stricter_values_hold() {
    let one = json!({
        "name": "first", "criticality": "low", "exposure": "internet", "sla": { "critical": 30, "high": 60 },
        "approvers": ["ciso", "dana"], "required_scanners": ["bandit"],
        "components": [{ "path": "a", "criticality": "critical" }],
    });
    let two = json!({
        "name": "second", "criticality": "high", "exposure": "isolated", "sla": { "critical": 7, "low": 300 },
        "approvers": ["CISO"], "required_scanners": ["trivy"],
        "components": [{ "path": "a/", "criticality": "low" }, { "path": "b" }],
    });
    for (first, second) in [(&one, &two), (&two, &one)] {
        let (applications, problems) =
            Applications::of(&data(&json!({ "github.com/a/b": first, "https://github.com/A/B.git": second })));
        assert!(problems.len() == 1 && problems[0].contains("second entry for `github.com/a/b`"), "{problems:?}");
        assert_eq!(applications.len(), 1);
        let bound = applications.bind(&urls(&["github.com/a/b"]), None, Names::default());
        let facts = bound.application();
        assert_eq!((facts.criticality.as_deref(), facts.exposure.as_deref()), (Some("high"), Some("internet")));
        assert_eq!(facts.sla, [("critical".to_owned(), 7), ("high".to_owned(), 60), ("low".to_owned(), 300)].into());
        assert_eq!(facts.required_scanners, ["bandit", "trivy"]);
        assert!(facts.approvers.len() == 1 && facts.approvers[0].eq_ignore_ascii_case("ciso"), "{:?}", facts.approvers);
        assert_eq!(bound.for_path("a/x", &nobody).criticality.as_deref(), Some("critical"));
    }
    let (applications, _) = Applications::of(&data(
        &json!({ "github.com/a/b": { "approvers": ["x"] }, "github.com/A/b": { "approvers": ["y"] } }),
    ));
    let bound = applications.bind(&urls(&["github.com/a/b"]), None, Names::default());
    assert_eq!(bound.application().approvers, [""], "two lists without a common name leave nobody, not everybody");
}

#[test]
fn a_remote_that_is_added_does_not_make_an_application_less_strict() {
    let applications = read(&json!({
        "github.com/acme/shop": { "name": "shop", "criticality": "critical", "approvers": ["ciso"] },
        "github.com/acme/toy": { "name": "toy", "criticality": "low" },
    }));
    for order in [["github.com/acme/shop", "github.com/acme/toy"], ["github.com/acme/toy", "github.com/acme/shop"]] {
        let bound = applications.bind(&urls(&order), None, Names::default());
        assert_eq!(bound.application().criticality.as_deref(), Some("critical"));
        assert_eq!(bound.application().approvers, ["ciso"]);
        assert_eq!(bound.problems().len(), 1);
    }
    let twice = applications.bind(&urls(&["github.com/acme/shop", "git@github.com:acme/shop"]), None, Names::default());
    assert!(twice.problems().is_empty());
}

#[test]
fn a_component_at_the_root_holds_everything() {
    for root in [".", "./", "/"] {
        let bound = read(&json!({ "github.com/a/b": { "components": [{ "path": root, "name": "all" }] } })).bind(
            &urls(&["github.com/a/b"]),
            None,
            Names::default(),
        );
        assert_eq!(bound.for_path("any/where.py", &nobody).component.as_deref(), Some("all"), "{root}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z/.@]{0,8}".prop_map(Value::from),
        prop::sample::select(vec!["critical", "high", "internet", "github.com/a/b"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let key = prop_oneof![
            prop::sample::select(vec![
                "github.com/a/b",
                "name",
                "criticality",
                "exposure",
                "sla",
                "approvers",
                "components",
                "path",
                "owner",
                "high"
            ])
            .prop_map(str::to_owned),
            "[a-z]{0,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect()))
        ]
    })
}

proptest! {
    #[test]
    fn any_data_is_read_the_same_each_time_and_gives_known_words_only(of in any_json()) {
        let whole = data(&json!({ "github.com/a/b": of }));
        let (applications, problems) = Applications::of(&whole);
        prop_assert_eq!(Applications::of(&whole), (applications.clone(), problems));
        let facts = applications.bind(&urls(&["github.com/a/b"]), None, Names::default()).for_path("a/b.py", &nobody);
        prop_assert!(facts.criticality.is_none_or(|word| ["critical", "high", "medium", "low"].contains(&word.as_str())));
        prop_assert!(facts.exposure.is_none_or(|word| ["internet", "partner", "internal", "isolated"].contains(&word.as_str())));
    }

    #[test]
    fn the_component_is_the_one_a_slow_search_finds(folders in prop::collection::btree_set("[ab](/[ab]){0,2}", 0..6), path in "[ab](/[ab]){0,3}") {
        let components: Vec<Value> = folders.iter().map(|folder| json!({ "path": folder, "name": folder })).collect();
        let bound = read(&json!({ "github.com/a/b": { "components": components } })).bind(&urls(&["github.com/a/b"]), None, Names::default());
        let mut expected = Some(path.as_str());
        while let Some(folder) = expected.filter(|folder| !folders.contains(*folder)) {
            expected = folder.rsplit_once('/').map(|(parent, _)| parent);
        }
        prop_assert_eq!(bound.for_path(&path, &nobody).component, expected.map(str::to_owned));
    }
}
