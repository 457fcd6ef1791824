//! With a key configured: exactly the listed files, under that key and its algorithm, or nothing.

use std::collections::BTreeMap;

use aspm_policy::bundle::{Algorithm, Bundle, Error, Expect, Key, Material, Overrides, Raw, build, unpack};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{GATE, SECRET, folder, now, public_key, secret_key, secret_signer};

type Files = BTreeMap<String, Vec<u8>>;

const RSA_PUBLIC: &str = include_str!("keys/rsa.public.pem");

fn read(raw: &Raw, keys: &[Key]) -> Result<Bundle, Error> {
    Bundle::read("a test", raw, &Expect { keys, now: now() })
}

fn refusal(raw: &Raw, keys: &[Key]) -> String {
    match read(raw, keys) {
        Ok(bundle) => panic!("accepted, signed by {:?}", bundle.signed_by),
        Err(error) => error.to_string(),
    }
}

fn raw_with(files: &BTreeMap<String, String>, signatures: &str) -> Raw {
    let files = files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes()));
    Raw::from_files(files.chain([(".signatures.json".to_owned(), signatures.to_owned().into_bytes())]))
        .expect("plain names")
}

/// A token over any header and payload, by HMAC with a secret.
fn token(header: &Value, payload: &Value, secret: &[u8]) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(payload));
    let key = jsonwebtoken::EncodingKey::from_secret(secret);
    let made =
        jsonwebtoken::crypto::sign(signed.as_bytes(), &key, jsonwebtoken::Algorithm::HS256).expect("any secret signs");
    format!("{signed}.{made}")
}

/// The gate and a payload around its file entry, changed by `change`.
fn gate_with(header: &Value, change: impl FnOnce(&mut Value)) -> Raw {
    let mut payload = json!({ "files": [listed("gate.rego", GATE)] });
    change(&mut payload);
    let signatures = json!({ "signatures": [token(header, &payload, SECRET)] });
    raw_with(&BTreeMap::from([("gate.rego".to_owned(), GATE.to_owned())]), &signatures.to_string())
}

fn listed(name: &str, hashed: &str) -> Value {
    let digit = |value: u8| char::from_digit(value.into(), 16).expect("below 16");
    let hash: String = Sha256::digest(hashed).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    json!({ "name": name, "hash": hash, "algorithm": "SHA-256" })
}

fn hs256() -> Value {
    json!({ "alg": "HS256", "kid": "ci" })
}

/// Tokens made by joserfc, over digests that Python computed from canonical forms that Go computed.
#[test]
fn signatures_by_another_implementation_are_accepted() {
    let files: BTreeMap<String, String> = serde_json::from_str(include_str!("joserfc/files.json")).unwrap();
    let tokens: BTreeMap<String, String> = serde_json::from_str(include_str!("joserfc/tokens.json")).unwrap();
    let rsa = [RSA_PUBLIC, include_str!("keys/rsa.certificate.pem"), include_str!("keys/rsa.pkcs1.public.pem")];
    let ec256 = [include_str!("keys/ec256.public.pem"), include_str!("keys/ec256.certificate.pem")];
    let cases: &[(Algorithm, &[&str])] = &[
        (Algorithm::RS256, &rsa),
        (Algorithm::RS384, &rsa[..1]),
        (Algorithm::RS512, &rsa[..1]),
        (Algorithm::PS256, &rsa),
        (Algorithm::PS384, &rsa[..1]),
        (Algorithm::PS512, &rsa[..1]),
        (Algorithm::ES256, &ec256),
        (Algorithm::ES384, &[include_str!("keys/ec384.public.pem")]),
        (Algorithm::ES512, &[include_str!("keys/ec521.public.pem")]),
    ];
    let check = |key: Key, token: &str| {
        let key = Key { scope: Some("write".to_owned()), ..key };
        let raw = raw_with(&files, &json!({ "signatures": [token], "plugin": "_default" }).to_string());
        let bundle =
            read(&raw, std::slice::from_ref(&key)).unwrap_or_else(|error| panic!("{}: {error}", key.algorithm));
        assert_eq!(bundle.signed_by.as_deref(), Some("ci"));
        assert_eq!(bundle.data["shop"]["more"], json!({ "true": true, "mode": 420, "small": 1e-7 }));

        let last = token.len() - 1;
        let other = if token.as_bytes()[last - 20] == b'A' { 'B' } else { 'A' };
        let forged = format!("{}{other}{}", &token[..last - 20], &token[last - 19..]);
        let raw = raw_with(&files, &json!({ "signatures": [forged] }).to_string());
        assert!(refusal(&raw, &[key]).contains("was not made with the key"));
    };
    for (algorithm, pems) in cases {
        for pem in *pems {
            check(public_key("ci", *algorithm, pem), &tokens[&algorithm.to_string()]);
        }
    }
    check(secret_key("ci"), &tokens["HS256"]);
}

/// Two tokens and the public key from the tests of OPA. Their files are not at hand, so being told of the files means
/// that the signature was accepted.
#[test]
fn tokens_of_opas_own_tests_are_accepted() {
    let files = "eyJmaWxlcyI6W3sibmFtZSI6ImRiL3VhbTIvZW50aXRsZW1lbnRzL2RhdGEuanNvbiIsImhhc2giOiJjMjEzMTU0NGM3MTZhMjVhNWUzMWY1MDQzMDBmNTI0MGU4MjM1Y2FkYjlhNTdmMGJkMWI2ZjRiZDc0YjI2NjEyIiwiYWxnb3JpdGhtIjoic2hhMjU2In0seyJuYW1lIjoiZGIvdWFtMi9wb2xpY3kvb3BhLXBvbGljeS5yZWdvIiwiaGFzaCI6IjQyY2ZlNjc2OGI1N2JiNWY3NTAzYzE2NWMyOGRkMDdhYzViODEzNTU0ZWJjODUwZjJjYzM1ODQzZTcxMzdiMWQifV0sImlhdCI6";
    let hs256 = format!(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImZvbyJ9.{files}MTU5MjI0ODAyNywiaXNzIjoiSldUU2VydmljZSIsInNjb3BlIjoid3JpdGUifQ.u7b_h88osJpU6VQLhIUmZjblsPNCO_kTqsVtpEAHavs"
    );
    let by_claim = format!(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{files}MTU5MjI0ODAyNywiaXNzIjoiSldUU2VydmljZSIsImtleWlkIjoiZm9vIiwic2NvcGUiOiJ3cml0ZSJ9.4nrInalqppAc9EjsNUD9Y35amVpDGoRk4bkxzdY8fhs"
    );
    let rs256 = format!(
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImZvbyJ9.{files}MTU5MjI1MTQwNiwiaXNzIjoiSldUU2VydmljZSIsInNjb3BlIjoid3JpdGUifQ.UZcX_Qj29o213nwZ5mysiyNcgAp1AOqCkDLkj1KGZ7Cw3l17TbkF8t3FJd654sf762NGcABA0WQ2zxq-labXl_d5TKQmq23lurO3qLHI1cKQPyoxPbddGo78sJpMwWsiMyEYcyyKC9FpNUpa8cT81GPo4q9Zui8TAD0wtHh2YxBL7E8QYLJxcLMJTJxVBgrQGLXFT7vYRc6hJz9Vu-i0SWuLBGxOCmYoHr4DWFfy0IhAbhiUFyLRpukfBPjCJNYY5LgaZdN6LaYivtIEUms5jUuXubBimLJm7KOT5-bgJMXTcUsbrbl2Ma7PwG5IOKjjgyEvH8KVfGFZSzNrpuxKmA"
    );
    let pem = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA9KaakMv1XKKDaSch3PFR\n3a27oaHp1GNTTNqvb1ZaHZXp+wuhYDwc/MTE67x9GCifvQBWzEGorgTq7aisiOyl\nvKifwz6/wQ+62WHKG/sqKn2Xikp3P63aBIPlZcHbkyyRmL62yeyuzYoGvLEYel+m\nz5SiKGBwviSY0Th2L4e5sGJuk2HOut6emxDi+E2Fuuj5zokFJvIT6Urlq8f3h6+l\nGeR6HUOXqoYVf7ff126GP7dticTVBgibxkkuJFmpvQSW6xmxruT4k6iwjzbZHY7P\nypZ/TdlnuGC1cOpAVyU7k32IJ9CRbt3nwEf5U54LRXLLQjFixWZHwKdDiMTF4ws0\n+wIDAQAB\n-----END PUBLIC KEY-----\n";
    let scoped = |key: Key| Key { scope: Some("write".to_owned()), ..key };
    let secret = |text: &str| Key { material: Material::Secret(text.as_bytes().to_vec()), ..scoped(secret_key("foo")) };
    let said = |token: &str, key: Key| {
        refusal(&raw_with(&BTreeMap::new(), &json!({ "signatures": [token] }).to_string()), &[key])
    };
    let accepted = "covers db/uam2/entitlements/data.json and 1 more, missing in the bundle";
    assert!(said(&hs256, secret("secret")).contains(accepted));
    assert!(said(&by_claim, secret("secret")).contains(accepted));
    assert!(said(&rs256, scoped(public_key("foo", Algorithm::RS256, pem))).contains(accepted));
    assert!(said(&hs256, secret("bad_secret")).contains("was not made with the key"));
    assert!(
        said(&rs256, scoped(public_key("foo", Algorithm::RS256, RSA_PUBLIC))).contains("was not made with the key")
    );
    assert!(said(&hs256, Key { scope: None, ..secret("secret") }).contains(r#"for the scope "write""#));
    assert!(said(&hs256, Key { id: "bar".to_owned(), ..secret("secret") }).contains(r#"names the key "foo""#));
}

/// Digests from OPA's tests of its signer.
#[test]
fn digests_of_opas_own_tests_are_ours() {
    let files = [
        (
            "a/b/c/data.json",
            "[1,2,3]",
            "60f7b5dc86ded48785436192a08dbfd04894d7f1b417c4f8d3714679a7f78cb3c833f16a8559a1cf1f32968747dc1d95ef34826263dacf125ded8f5c374be4c0",
        ),
        (
            "a/b/y/data.yaml",
            "foo: 1",
            "20f27a640a233e6524fe7d138898583cd43475724806feb26be7f214e1d10b29edf6a0d3cb08f82107a45686b61b8fdabab6406cf4e70efe134f42238dbd70ab",
        ),
        (
            "policy.wasm",
            "modules-compiled-as-wasm-binary",
            "4f73765168fd8b5c294b739436da312cc5e979faf09f67bf576d36ea79a4f79c70cbb3c33d06ff65f531a9f42abd0a8f4daacc554cb521837e876dc28f56ce89",
        ),
    ];
    let list = files.map(|(name, _, hash)| json!({ "name": name, "hash": hash, "algorithm": "SHA-512" }));
    let signatures = json!({ "signatures": [token(&hs256(), &json!({ "files": list }), SECRET)] }).to_string();
    let texts = files.map(|(name, text, _)| (name.to_owned(), text.to_owned()));
    read(&raw_with(&texts.into(), &signatures), &[secret_key("ci")]).unwrap();
}

/// A whole signed bundle of OPA's tests. Its manifest lies where we take none, which is found after the signature.
#[test]
fn a_signed_bundle_of_opas_own_tests_is_accepted() {
    let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImZvbyJ9.eyJmaWxlcyI6W3sibmFtZSI6ImZvby9iYXIvLm1hbmlmZXN0IiwiaGFzaCI6IjUwN2EyYzM4YTE0NDFkYjU4ZDJjYjg3OTgyYzQyYWE5MWE0MzQyZWY0MjJhNmI1NDJlZGRlYmVlZjZmMDQxMmYiLCJhbGdvcml0aG0iOiJTSEEtMjU2In0seyJuYW1lIjoiZm9vL2Jhci9hL2IvYy9kYXRhLmpzb24iLCJoYXNoIjoiYTYxNWVlYWVlMjFkZTUxNzlkZTA4MGRlOGMzMDUyYzhkYTkwMTEzODQwNmJhNzFjMzhjMDMyODQ1ZjdkNTRmNCIsImFsZ29yaXRobSI6IlNIQS0yNTYifSx7Im5hbWUiOiJmb28vYmFyL2h0dHAvcG9saWN5L3BvbGljeS5yZWdvIiwiaGFzaCI6ImY2NjQ0NjFlMzAzYjM3YzIwYzVlMGJlMjkwMDg4MTY3OGNkZjhlODYwYWE0MzNhNWExNGQ0OTRiYTNjNjY2NDkiLCJhbGdvcml0aG0iOiJTSEEtMjU2In1dLCJpYXQiOjE1OTIyNDgwMjcsImlzcyI6IkpXVFNlcnZpY2UiLCJzY29wZSI6IndyaXRlIn0.qTHkuBDVuT-Zl5pbJdZ6LoJ9eooFOhhpRdCheauDrlA";
    let key =
        Key { material: Material::Secret(b"secret".to_vec()), scope: Some("write".to_owned()), ..secret_key("foo") };
    let with = |rego: &str| {
        let files = [
            ("foo/bar/.manifest", r#"{"revision": "quickbrownfaux"}"#),
            ("foo/bar/a/b/c/data.json", "[1,2,3]"),
            ("foo/bar/http/policy/policy.rego", rego),
        ];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        refusal(&raw_with(&files.into(), &json!({ "signatures": [token] }).to_string()), std::slice::from_ref(&key))
    };
    assert!(with("package example").starts_with("foo/bar/.manifest cannot be used: a bundle has one manifest"));
    assert!(with("package example\n").contains("foo/bar/http/policy/policy.rego was changed"));
}

#[test]
fn without_keys_a_bundle_is_used_unverified() {
    let bundle = read(&folder(&[("gate.rego", GATE), (".signatures.json", "{}")]), &[]).unwrap();
    assert_eq!(bundle.signed_by, None);
}

#[test]
fn a_stripped_partial_or_altered_bundle_is_refused() {
    let archive = build(
        &folder(&[("gate.rego", GATE), ("data.json", r#"{"a":1}"#)]),
        &Overrides::default(),
        Some(&secret_signer(Some("ci"))),
    );
    let whole = unpack(&archive.unwrap()).unwrap();
    let keys = [secret_key("ci")];
    assert_eq!(read(&whole, &keys).unwrap().signed_by.as_deref(), Some("ci"));
    let changed = |change: &dyn Fn(&mut Files)| {
        let mut files: Files = whole.iter().map(|(path, content)| (path.to_owned(), content.to_vec())).collect();
        change(&mut files);
        refusal(&Raw::from_files(files).unwrap(), &keys)
    };
    let without = |path: &'static str| changed(&|files| drop(files.remove(path)));
    let with = |path: &'static str, text: &'static str| changed(&|files| drop(files.insert(path.into(), text.into())));
    assert!(without(".signatures.json").contains("must be signed"));
    assert!(without("gate.rego").contains("covers gate.rego, missing in the bundle"));
    assert!(without(".manifest").contains("covers .manifest, missing"));
    assert!(with("extra.rego", "package aspm.x").contains("extra.rego is in the bundle and not covered"));
    assert!(with("README.md", "x").contains("README.md is in the bundle and not covered"));
    assert!(with("Gate.rego", GATE).contains("Gate.rego is in the bundle and not covered"), "case counts");
    assert!(with("gate.rego", "package aspm.gate\n\npass := false\n").contains("gate.rego was changed"));
    assert!(with("data.json", r#"{"a":1.0}"#).contains("data.json was changed"), "1.0 is spelled differently");
    assert!(with(".manifest", "{}").contains(".manifest was changed"));
    assert!(with(".signatures.json", "{}").contains("no list of signatures"));
    assert!(with(".signatures.json", r#"{"signatures":[]}"#).contains("exactly one token"));
    assert!(with(".signatures.json", r#"{"signatures":["a.b.c","a.b.c"]}"#).contains("exactly one token"));
    assert!(with(".signatures.json", r#"{"signatures":["a.b"]}"#).contains("2 parts"));
    assert!(with(".signatures.json", r#"{"signatures":["a.b.c"]}"#).contains("of its token"));
    assert!(with(".signatures.json", r#"{"plugin":"x","signatures":["a.b.c"]}"#).contains("plugin"));
    let spaced = with_spaces(&whole);
    assert_eq!(read(&spaced, &keys).unwrap().signed_by.as_deref(), Some("ci"), "white space in data is not signed");
}

fn with_spaces(whole: &Raw) -> Raw {
    Raw::from_files(whole.iter().map(|(path, content)| {
        let spaced = if path == "data.json" { b" { \"a\" :\n1 } ".to_vec() } else { content.to_vec() };
        (path.to_owned(), spaced)
    }))
    .expect("plain names")
}

#[test]
fn the_algorithm_is_the_keys_not_the_tokens() {
    let raw = gate_with(&json!({ "alg": "HS256", "kid": "ci" }), |_| {});
    read(&raw, &[secret_key("ci")]).unwrap();
    // The classic confusion: the public key's text used as a secret.
    let payload = json!({ "files": [listed("gate.rego", GATE)] });
    for header in [json!({ "alg": "HS256", "kid": "ci" }), json!({ "alg": "RS256", "kid": "ci" })] {
        let confused = json!({ "signatures": [token(&header, &payload, RSA_PUBLIC.as_bytes())] }).to_string();
        let raw = raw_with(&BTreeMap::from([("gate.rego".to_owned(), GATE.to_owned())]), &confused);
        refusal(&raw, &[public_key("ci", Algorithm::RS256, RSA_PUBLIC)]);
        let as_secret = public_key("ci", Algorithm::HS256, RSA_PUBLIC);
        assert!(read(&raw, &[as_secret]).is_err(), "a public key is no secret, whatever the configuration says");
    }
    for alg in ["none", "None", "HS384", "hs256", "", "EdDSA"] {
        let raw = gate_with(&json!({ "alg": alg, "kid": "ci" }), |_| {});
        let refusal = refusal(&raw, &[secret_key("ci")]);
        assert!(refusal.contains("algorithm"), "{alg}: {refusal}");
    }
    let unsigned = raw.get(".signatures.json").unwrap();
    let unsigned = String::from_utf8(unsigned.to_vec()).unwrap();
    let cut = unsigned.rfind('.').unwrap();
    let stripped = format!("{}\"]}}", &unsigned[..=cut]);
    let raw = raw_with(&BTreeMap::from([("gate.rego".to_owned(), GATE.to_owned())]), &stripped);
    assert!(refusal(&raw, &[secret_key("ci")]).contains("was not made with the key"), "an empty signature");
    let crit = gate_with(&json!({ "alg": "HS256", "kid": "ci", "crit": ["b64"], "b64": false }), |_| {});
    assert!(refusal(&crit, &[secret_key("ci")]).contains("crit"));
}

#[test]
fn the_named_key_is_used_and_without_a_name_the_fitting_one() {
    let other = Key { material: Material::Secret(b"another secret".to_vec()), ..secret_key("other") };
    let rsa = public_key("rsa", Algorithm::RS256, RSA_PUBLIC);
    let keys = [rsa, other, secret_key("ci")];
    let signed_by = |header: Value, keyid: Option<&str>| {
        let raw = gate_with(&header, |payload| {
            if let Some(id) = keyid {
                payload["keyid"] = id.into();
            }
        });
        read(&raw, &keys).map(|bundle| bundle.signed_by.unwrap()).map_err(|error| error.to_string())
    };
    assert_eq!(signed_by(hs256(), None).unwrap(), "ci");
    assert_eq!(signed_by(json!({ "alg": "HS256" }), Some("ci")).unwrap(), "ci");
    assert_eq!(signed_by(hs256(), Some("other")).unwrap(), "ci", "the header's name comes first");
    assert_eq!(signed_by(json!({ "alg": "HS256" }), None).unwrap(), "ci");
    assert!(signed_by(json!({ "alg": "HS256", "kid": "other" }), None).unwrap_err().contains(r#"the key "other""#));
    assert!(signed_by(json!({ "alg": "HS256", "kid": "rsa" }), None).unwrap_err().contains("RS256 for \"rsa\""));
    let unknown = signed_by(json!({ "alg": "HS256", "kid": "default" }), None).unwrap_err();
    assert!(unknown.contains(r#"names the key "default""#) && unknown.contains(r#""rsa", "other", "ci""#), "{unknown}");
}

#[test]
fn a_token_holds_only_in_its_time_and_scope() {
    let second = now().as_second();
    let keys = [secret_key("ci")];
    let with = |claim: &'static str, value: Value| {
        let raw = gate_with(&hs256(), |payload| payload[claim] = value);
        read(&raw, &keys).map(drop).map_err(|error| error.to_string())
    };
    with("exp", json!(second + 1)).unwrap();
    with("exp", json!(1_800_000_000.5)).unwrap();
    with("nbf", json!(second + 30)).unwrap();
    with("iat", json!(second + 3600)).unwrap();
    with("scope", json!("")).unwrap();
    assert!(with("exp", json!(second)).unwrap_err().contains("expired at 2027-01-15T08:00:00Z"));
    assert!(with("exp", json!("soon")).unwrap_err().contains("exp is no time"));
    assert!(with("exp", json!(-1e300)).unwrap_err().contains("expired"));
    assert!(with("nbf", json!(second + 3600)).unwrap_err().contains("holds only from 2027-01-15T09:00:00Z"));
    assert!(with("scope", json!("write")).unwrap_err().contains("for the scope \"write\""));
    let scoped = Key { scope: Some("write".to_owned()), ..secret_key("ci") };
    assert!(refusal(&gate_with(&hs256(), |_| {}), std::slice::from_ref(&scoped)).contains("configured is \"write\""));
    read(&gate_with(&hs256(), |payload| payload["scope"] = "write".into()), &[scoped]).unwrap();
}

#[test]
fn hashes_that_do_not_count_are_refused() {
    let keys = [secret_key("ci")];
    for (entry, said) in [
        (json!({ "name": "gate.rego", "hash": "x", "algorithm": "MD5" }), "MD5 can be forged"),
        (json!({ "name": "gate.rego", "hash": "x", "algorithm": "SHA-1" }), "SHA-1 can be forged"),
        (json!({ "name": "gate.rego", "hash": "x", "algorithm": "sha256" }), "not known"),
        (json!({ "name": "gate.rego", "hash": "x" }), "names no hash algorithm"),
        (json!({ "name": "gate.rego", "hash": "", "algorithm": "SHA-256" }), "was changed"),
        (json!({ "name": "/gate.rego", "hash": "x", "algorithm": "SHA-256" }), "not covered"),
        (json!({ "name": 1, "hash": "x", "algorithm": "SHA-256" }), "whose name is a number"),
    ] {
        let refusal = refusal(&gate_with(&hs256(), |payload| payload["files"] = json!([entry])), &keys);
        assert!(refusal.contains(said), "{entry}: {refusal}");
    }
    let twice = gate_with(&hs256(), |payload| {
        payload["files"] = json!([listed("gate.rego", GATE), listed("gate.rego", "other")]);
    });
    assert!(refusal(&twice, &keys).contains("lists gate.rego twice"));
    assert!(refusal(&gate_with(&hs256(), |payload| payload["files"] = json!({})), &keys).contains("lists no files"));
}

#[test]
fn a_key_that_cannot_be_used_is_named() {
    let raw = gate_with(&hs256(), |_| {});
    for (key, said) in [
        (Key { material: Material::Secret(Vec::new()), ..secret_key("ci") }, "the shared secret is empty"),
        (public_key("ci", Algorithm::HS256, RSA_PUBLIC), "needs a shared secret"),
    ] {
        let refusal = refusal(&raw, &[key]);
        assert!(refusal.contains(r#"The key "ci" cannot be used"#) && refusal.contains(said), "{refusal}");
    }
    let ec521 = include_str!("keys/ec521.public.pem");
    for (algorithm, pem) in [
        (Algorithm::RS256, "no PEM"),
        (Algorithm::RS256, ec521),
        (Algorithm::ES256, RSA_PUBLIC),
        (Algorithm::ES256, ec521),
        (Algorithm::ES512, include_str!("keys/ec256.public.pem")),
    ] {
        let raw = gate_with(&json!({ "alg": algorithm.to_string(), "kid": "ci" }), |_| {});
        let refusal = refusal(&raw, &[public_key("ci", algorithm, pem)]);
        assert!(refusal.contains(r#"The key "ci" cannot be used"#), "{algorithm}: {refusal}");
    }
}
