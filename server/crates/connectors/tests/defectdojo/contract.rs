//! The stand-in answers as the recorded server did: the same status, the same keys, the same types.

use aspm_connectors::http::{Authorization, Client, HttpError, Method, Request, Scheme};
use serde_json::{Value, json};
use url::Url;

use crate::support::{ADMIN, DEV, StandIn, bandit, client, never, recorded, shop};

/// Status and body; a body that is no JSON is null.
fn ask(client: &Client, server: &StandIn, method: Method, path: &str, body: &Value) -> (u16, Value) {
    ask_as(client, server, Authorization::Configured(Scheme::Token), method, path, body)
}

fn ask_as(
    client: &Client,
    server: &StandIn,
    authorization: Authorization,
    method: Method,
    path: &str,
    body: &Value,
) -> (u16, Value) {
    let url = Url::parse(&format!("{}{path}", server.url)).unwrap();
    let mut request = Request { authorization, ..Request::new(method, url) };
    if !body.is_null() {
        request = request.json(body).unwrap();
    }
    match client.send(&request, &never) {
        Ok(response) => (response.status, response.json().unwrap_or_default()),
        Err(HttpError::Status(status)) => (status.status, serde_json::from_str(&status.body).unwrap_or_default()),
        Err(error) => panic!("{path}: {error}"),
    }
}

/// Where the shapes differ; what is null in one of them has any type, and an empty list any items.
fn differences(real: &Value, ours: &Value, at: &str, found: &mut Vec<String>) {
    match (real, ours) {
        (Value::Object(real), Value::Object(ours)) => {
            for (key, value) in real {
                match ours.get(key) {
                    Some(other) => differences(value, other, &format!("{at}.{key}"), found),
                    None => found.push(format!("{at}.{key} is missing")),
                }
            }
            found.extend(
                ours.keys()
                    .filter(|key| !real.contains_key(*key))
                    .map(|key| format!("{at}.{key} is not in the recording")),
            );
        }
        (Value::Array(real), Value::Array(ours)) => {
            if let (Some(real), Some(ours)) = (real.first(), ours.first()) {
                differences(real, ours, &format!("{at}[0]"), found);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (real, ours) if std::mem::discriminant(real) != std::mem::discriminant(ours) => {
            found.push(format!("{at} is {ours} where the recording has {real}"));
        }
        _ => {}
    }
}

fn seeded() -> StandIn {
    let mut rows: Vec<Value> = (1..=6).map(|index| bandit("a.py", index * 10, &format!("eval(x{index})"))).collect();
    rows[0]["tags"] = json!(["ci", "sast"]);
    StandIn::new(&shop(
        &json!({"type": "Bandit Scan", "branch_tag": "master", "commit_hash": "19d17cc8", "findings": rows}),
    ))
}

#[test]
fn every_exchange_that_the_connector_has_is_as_recorded() {
    let server = seeded();
    let admin = client(&server.url, ADMIN);
    // In the order of the recordings, since each finds what the one before left.
    for (name, method) in [
        ("01-user-profile", Method::Get),
        ("20-findings-page", Method::Get),
        ("25-engagements", Method::Get),
        ("26-tests", Method::Get),
        ("24-products", Method::Get),
        ("30-finding-related-fields", Method::Get),
        ("32-finding-404", Method::Get),
        ("40-note-post", Method::Post),
        ("41-notes-get", Method::Get),
        ("42-tags-post", Method::Post),
        ("44-patch-severity", Method::Patch),
        ("45-patch-verified", Method::Patch),
        ("46-patch-false-p", Method::Patch),
        ("47-patch-false-p-2", Method::Patch),
        ("48-patch-reactivate", Method::Patch),
        ("49-patch-risk-accepted", Method::Patch),
        ("51-patch-risk-accepted-simple", Method::Patch),
        ("52-unaccept", Method::Patch),
        ("53-out-of-scope", Method::Patch),
        ("54-close", Method::Post),
        ("55-reopen", Method::Patch),
        ("56-verify", Method::Post),
        ("57-dup", Method::Patch),
        ("58-bad", Method::Patch),
        ("58b-bad", Method::Patch),
        ("60-risk-acceptance-post", Method::Post),
        ("61-finding-risk-accepted", Method::Get),
        ("62-risk-acceptance-list", Method::Get),
        ("64-risk-acceptance-delete", Method::Delete),
        ("90-finding-delete", Method::Delete),
        ("91-finding-get-deleted", Method::Get),
    ] {
        let Some(real) = recorded(name) else { return };
        if name == "51-patch-risk-accepted-simple" {
            server.change(&json!({"product": 1, "fields": {"enable_simple_risk_acceptance": true}}));
        }
        let path = real["request"]["path"].as_str().unwrap();
        let (status, body) = ask(&admin, &server, method, path, &real["request"]["json"]);
        assert_eq!(status, real["status"], "{name}: {body}");
        let mut found = Vec::new();
        differences(&real["body"], &body, "", &mut found);
        // What is recorded as text after a deletion is no body at all; `finding_meta` is nobody's business here.
        if status == 204 {
            found.clear();
        }
        assert_eq!(found, [""; 0], "{name}");
        for flag in [
            "active",
            "verified",
            "false_p",
            "risk_accepted",
            "out_of_scope",
            "duplicate",
            "is_mitigated",
            "display_status",
            "sla_days_remaining",
        ] {
            if real["body"].get(flag).is_some() && name != "30-finding-related-fields" && !name.starts_with("61") {
                assert_eq!(real["body"][flag], body[flag], "{name}: {flag}");
            }
        }
        if status == 400 {
            assert_eq!(real["body"]["non_field_errors"], body["non_field_errors"], "{name}");
        }
    }
}

#[test]
fn who_is_not_known_is_refused_as_recorded() {
    let server = seeded();
    let admin = client(&server.url, ADMIN);
    let given = |scheme, secret: &str| Authorization::Given(scheme, secret.into());
    for (name, authorization) in [
        ("02-no-auth", Authorization::None),
        ("03-bad-token", given(Scheme::Token, "deadbeef")),
        ("03b-bearer", given(Scheme::Bearer, ADMIN)),
        ("03b", given(Scheme::Token, "x")),
    ] {
        let Some(real) = recorded(name) else { return };
        let (status, body) = ask_as(&admin, &server, authorization, Method::Get, "/api/v2/findings/", &Value::Null);
        assert_eq!((json!(status), &body), (real["status"].clone(), &real["body"]), "{name}");
    }
    let login = json!({"username": "dev", "password": "dev-password"});
    let (status, body) = ask_as(&admin, &server, Authorization::None, Method::Post, "/api/v2/api-token-auth/", &login);
    assert_eq!((status, body), (200, json!({"token": DEV})));
}

#[test]
fn the_traps_are_there() {
    let server = seeded();
    let admin = client(&server.url, ADMIN);
    let get = |path: &str| ask(&admin, &server, Method::Get, path, &Value::Null);
    let count = |query: &str| {
        let (status, body) = get(&format!("/api/v2/findings/?{query}"));
        assert_eq!(status, 200, "{query}");
        (body["count"].as_u64().unwrap(), body["results"].as_array().unwrap().len())
    };
    // Unknown parameters and bad limits are ignored without a word.
    for query in [
        "updated__gt=2099-01-01",
        "last_status_update__gte=2099-01-01T00:00:00Z",
        "limit=x",
        "limit=-3",
        "limit=0",
        "offset=-1",
        "fields=id",
    ] {
        assert_eq!(count(query), (6, 6), "{query}");
    }
    assert_eq!(count("limit=2&offset=5"), (6, 1));
    assert_eq!(count("test__engagement__product=2"), (0, 0));
    assert_eq!(get(&format!("/api/v2/findings/?title={}", "a".repeat(8_500))).0, 414);
    // An order that is not unique loses rows.
    let many = StandIn::new(&shop(&json!({"generate": 400})));
    let other = client(&many.url, ADMIN);
    let ids = |order: &str| {
        let mut ids = std::collections::BTreeSet::new();
        for offset in (0..400).step_by(50) {
            let path = format!("/api/v2/findings/?limit=50&offset={offset}&o={order}");
            let (_, body) = ask(&other, &many, Method::Get, &path, &Value::Null);
            ids.extend(body["results"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
        }
        ids.len()
    };
    assert_eq!((ids("id"), ids("-last_status_update,id")), (400, 400));
    assert!(ids("severity") < 360, "{}", ids("severity"));
    // Nothing counts as larger than anything.
    server.change(&json!({"set": 4, "fields": {"last_reviewed": null}}));
    let first = |order: &str| get(&format!("/api/v2/findings/?o={order}&limit=1")).1["results"][0]["id"].clone();
    assert_eq!(first("-last_reviewed,id"), 4);
    assert_ne!(first("last_reviewed,id"), 4);
}

#[test]
fn the_times_move_as_measured() {
    let server = seeded();
    let admin = client(&server.url, ADMIN);
    let times = || {
        let row = server.row(1).unwrap();
        (row["last_status_update"].clone(), row["last_reviewed"].clone())
    };
    for (method, path, body, is_status, is_review) in [
        (Method::Post, "notes/", json!({"entry": "x", "private": false}), false, true),
        (Method::Post, "tags/", json!({"tags": ["x"]}), false, false),
        (Method::Patch, "", json!({"severity": "High"}), false, false),
        (Method::Patch, "", json!({"verified": true}), true, false),
        (Method::Post, "close/", json!({"is_mitigated": true}), true, true),
    ] {
        let before = times();
        let (status, answer) = ask(&admin, &server, method, &format!("/api/v2/findings/1/{path}"), &body);
        assert!(status < 300, "{answer}");
        let after = times();
        assert_eq!((before.0 != after.0, before.1 != after.1), (is_status, is_review), "{path} {body}");
    }
}
