//! Who answers, who asks, and which product is meant.

use aspm_connectors::defectdojo::{Binding, DefectDojo};
use aspm_connectors::{Connector as _, Error, Health, ServerFault};
use serde_json::{Value, json};
use url::Url;

use crate::support::{ADMIN, DEV, Memory, StandIn, bandit, client, never, normalise};

fn fault(result: Result<impl std::fmt::Debug, Error>) -> (ServerFault, String) {
    match result.unwrap_err() {
        Error::Server { fault, why, .. } => (fault, why),
        other => panic!("{other:?}"),
    }
}

fn name(health: &Health) -> &str {
    health.reads.as_ref().unwrap().as_ref().map_or("", |reads| reads.name.as_str())
}

fn product(name: &str, repositories: &[&str]) -> Value {
    let engagement = |(index, repository): (usize, &&str)| json!({"name": format!("e{index}"), "repository": repository, "tests": [{"findings": [bandit(&format!("{name}{index}.py"), 4, "eval(x)")]}]});
    json!({"name": name, "engagements": repositories.iter().enumerate().map(engagement).collect::<Vec<_>>()})
}

fn of_repository(url: &str) -> Binding {
    Binding { repositories: vec![normalise(url).unwrap()], ..Binding::default() }
}

#[test]
fn a_good_token_tells_account_product_and_clock() {
    let server = StandIn::with(&[]);
    let health = server.dojo().health(&never).unwrap();
    assert_eq!((health.account.as_deref(), name(&health)), (Some("admin"), "shop"));
    server.change(&json!({"date_skew": 7200}));
    let ahead = server.dojo().health(&never).unwrap().clock_ahead.unwrap();
    assert!((7100..7300).contains(&ahead), "{ahead}");
}

#[test]
fn what_is_wrong_with_a_server_or_a_token_is_told_apart() {
    let server = StandIn::with(&[]);
    let binding = || of_repository("https://github.com/acme/shop");
    let (bad, why) = fault(server.dojo_as("deadbeef", binding()).health(&never));
    assert_eq!(bad, ServerFault::BadToken);
    assert!(why.contains("does not know the API token") && why.contains("aspm-lsp login"), "{why}");
    assert_eq!(fault(server.dojo_as("", binding()).health(&never)).0, ServerFault::NoToken);
    server.change(&json!({"user": 1, "fields": {"is_active": false}}));
    assert_eq!(fault(server.dojo().health(&never)).0, ServerFault::BadToken);
    server.change(&json!({"user": 1, "fields": {"is_active": true}}));
    for (body, kind, status, expected) in [
        (
            r#"{"detail": "You do not have permission to perform this action."}"#,
            "application/json",
            403,
            ServerFault::NoPermission,
        ),
        ("<html>Sign in</html>", "text/html", 200, ServerFault::NotThisKind),
        ("<html>Not Found</html>", "text/html", 404, ServerFault::NotThisKind),
        (r#"{"detail": "Not found."}"#, "application/json", 404, ServerFault::WrongVersion),
        (r#"{"version": "10.3", "name": "other"}"#, "application/json", 200, ServerFault::NotThisKind),
        ("[]", "application/json", 200, ServerFault::NotThisKind),
    ] {
        server.fault(&json!({"match": "user_profile", "do": "status", "status": status, "body": body, "type": kind}));
        assert_eq!(fault(server.dojo().health(&never)).0, expected, "{body}");
    }
}

#[test]
fn a_repository_finds_its_product_however_its_url_is_written() {
    let server = StandIn::new(&json!({"products": [
        product("other", &["https://github.com/acme/other"]),
        product("shop", &["https://GitHub.com/Acme/Shop.git"]),
    ]}));
    for url in ["git@github.com:acme/shop.git", "https://github.com/acme/shop", "ssh://git@github.com/Acme/shop/"] {
        let health = server.dojo_as(ADMIN, of_repository(url)).health(&never).unwrap();
        assert_eq!(name(&health), "shop", "{url}");
        let reads = health.reads.unwrap().unwrap();
        assert_eq!(reads.why, "whose engagement \"e0\" names this repository (github.com/acme/shop)", "{url}");
        assert_eq!(reads.parts, "its one engagement: e0");
    }
}

#[test]
fn what_several_or_no_products_hold_is_asked_for_once() {
    let server = StandIn::new(&json!({"products": [
        product("front", &["https://github.com/acme/shop"]),
        product("tools", &["https://github.com/acme/tools"]),
        product("back", &["https://github.com/acme/shop.git"]),
    ]}));
    let names = |url: &str| match server.dojo_as(ADMIN, of_repository(url)).health(&never).unwrap().reads.unwrap_err() {
        Error::Product { is_several, candidates, .. } => (is_several, candidates),
        other => panic!("{other:?}"),
    };
    assert_eq!(names("https://github.com/acme/shop"), (true, vec!["front".to_owned(), "back".to_owned()]));
    assert!(!names("https://github.com/acme/none").0);
    let listed = server.dojo_as(ADMIN, of_repository("https://github.com/acme/shop")).candidates(&never).unwrap();
    let listed: Vec<_> = listed.iter().map(|known| (known.product.as_str(), known.is_match)).collect();
    assert_eq!(listed, [("front", true), ("back", true), ("tools", false)]);
    let error =
        server.dojo_as(ADMIN, of_repository("https://github.com/acme/shop")).health(&never).unwrap().reads.unwrap_err();
    assert!(error.to_string().contains("several products hold this repository; set `product = \"…\"`"), "{error}");
}

#[test]
fn a_product_is_found_by_its_name_with_and_without_findings() {
    let server = StandIn::new(&json!({"products": [
        product("shop", &["https://github.com/acme/a"]),
        {"name": "empty", "engagements": []},
    ]}));
    let named = |name: &str| {
        let binding = Binding { product: Some(name.to_owned()), ..Binding::default() };
        server.dojo_as(ADMIN, binding).health(&never)
    };
    assert_eq!(name(&named("shop").unwrap()), "shop");
    let empty = named("empty").unwrap().reads.unwrap().unwrap();
    assert_eq!((empty.name.as_str(), empty.parts.as_str()), ("empty", "it has no engagements yet"));
    let (_, why) = fault(named("sho").unwrap().reads);
    assert!(why.contains("no product is named \"sho\"") && why.contains("it may see: shop"), "{why}");
}

#[test]
fn only_the_engagements_of_this_repository_are_read() {
    let server = StandIn::new(&json!({"products": [
        product("shop", &["https://github.com/acme/a", "https://github.com/acme/b", ""]),
    ]}));
    let paths = |binding| {
        let mut memory = Memory::default();
        memory.pull(&server.dojo_as(ADMIN, binding)).unwrap();
        let mut paths: Vec<_> = memory.rows.values().filter_map(|finding| finding.evidence.path.clone()).collect();
        paths.sort();
        paths
    };
    assert_eq!(paths(of_repository("https://github.com/acme/a")), ["shop0.py", "shop2.py"]);
    let told = server.dojo_as(ADMIN, of_repository("https://github.com/acme/a")).health(&never).unwrap().reads;
    let parts = told.unwrap().unwrap().parts;
    assert_eq!(parts, "2 of its 3 engagements: e0, e2; the rest belongs to other repositories");
    let named = Binding { product: Some("shop".to_owned()), engagement: Some("e1".to_owned()), repositories: vec![] };
    assert_eq!(paths(named), ["shop1.py"]);
    let all = Binding { product: Some("shop".to_owned()), ..Binding::default() };
    assert_eq!(paths(all), ["shop0.py", "shop1.py", "shop2.py"]);
    let none = Binding { product: Some("shop".to_owned()), engagement: Some("e9".to_owned()), repositories: vec![] };
    let (_, why) = fault(server.dojo_as(ADMIN, none).health(&never).unwrap().reads);
    assert!(why.contains("has no engagement \"e9\"; it has: e0, e1, e2"), "{why}");
}

#[test]
fn what_an_account_may_not_see_is_not_there_for_it() {
    let mut seed = json!({"products": [product("shop", &["https://github.com/acme/shop"])]});
    seed["products"][0]["authorized"] = json!(["admin"]);
    let server = StandIn::new(&seed);
    let health = server.dojo_as(DEV, of_repository("https://github.com/acme/shop")).health(&never).unwrap();
    assert_eq!(health.account.as_deref(), Some("dev"), "the account is good");
    let error = health.reads.unwrap_err();
    assert!(matches!(error, Error::Product { is_several: false, .. }), "{error}");
}

#[test]
fn a_server_below_a_path_is_asked_there() {
    let server = StandIn::with(&[]);
    let url = Url::parse(&format!("{}/dojo", server.url)).unwrap();
    let dojo = DefectDojo::new(client(&server.url, ADMIN), &url, "central", Binding::default(), normalise);
    let _ = dojo.health(&never);
    assert_eq!(server.lines(), ["GET /dojo/api/v2/user_profile/"]);
}

#[test]
fn an_origin_that_is_not_listed_gets_no_request() {
    let server = StandIn::with(&[]);
    let elsewhere = client("https://dojo.example.com", ADMIN);
    let dojo = DefectDojo::new(elsewhere, &Url::parse(&server.url).unwrap(), "central", Binding::default(), normalise);
    let error = dojo.health(&never).unwrap_err();
    assert!(error.to_string().contains("is not a server you allow"), "{error}");
    assert_eq!(server.lines(), [""; 0]);
}
