//! What `policy build` publishes: readable by us and by OPA, the same bytes from the same folder.

use aspm_policy::bundle::{Algorithm, Bundle, Expect, Key, Overrides, Raw, SigningKey, SigningMaterial, build, unpack};
use serde_json::{Value, json};

use crate::{GATE, folder, now, public_key, secret_key, secret_signer};

const FILES: &[(&str, &str)] = &[
    (".manifest", r#"{"revision":"old","roots":["aspm","shop"],"metadata":{"team":"x","aspm":{"kept":true}},"new":1}"#),
    (".signatures.json", "an old one"),
    ("gate.rego", GATE),
    ("gate_test.rego", "package aspm.gate_test\n"),
    ("shop/data.yaml", "price: 1.50\nlist: [on, 0644]\n"),
    ("rules/python/eval.yml", "id: eval\n"),
    ("rules/python/eval.py", "eval(x)\n"),
    ("README.md", "words"),
];

fn overrides() -> Overrides {
    Overrides { revision: Some("r2".to_owned()), roots: None, sequence: Some(8) }
}

fn read(raw: &Raw, keys: &[Key]) -> Bundle {
    Bundle::read("a test", raw, &Expect { keys, now: now() }).expect("a good bundle")
}

#[test]
fn a_built_bundle_says_what_its_folder_says() {
    let from_folder = read(&folder(FILES), &[]);
    let archive = build(&folder(FILES), &overrides(), Some(&secret_signer(Some("ci")))).unwrap();
    let built = read(&unpack(&archive).unwrap(), &[secret_key("ci")]);
    assert_eq!(built.signed_by.as_deref(), Some("ci"));
    assert_eq!(built.modules, from_folder.modules, "tests are kept, as opa build keeps them");
    assert_eq!(built.data, from_folder.data);
    assert_eq!(built.rules, from_folder.rules);
    assert_eq!(built.rules, [("rules/python/eval.yml".to_owned(), "id: eval\n".to_owned())]);
    assert_eq!(built.manifest.revision.as_deref(), Some("r2"));
    assert_eq!(built.manifest.sequence, Some(8));
    assert_eq!(built.manifest.roots, from_folder.manifest.roots);
}

#[test]
fn it_holds_what_opa_build_keeps_and_no_more() {
    let raw = unpack(&build(&folder(FILES), &overrides(), None).unwrap()).unwrap();
    let names: Vec<&str> = raw.iter().map(|(name, _)| name).collect();
    assert_eq!(names, [".manifest", "data.json", "gate.rego", "gate_test.rego"]);
    let data: Value = serde_json::from_slice(raw.get("data.json").unwrap()).unwrap();
    assert_eq!(data["aspm"], json!({ "rules": { "rules/python/eval.yml": "id: eval\n" } }));
    let manifest: Value = serde_json::from_slice(raw.get(".manifest").unwrap()).unwrap();
    assert_eq!(
        manifest,
        json!({
            "revision": "r2", "roots": ["aspm", "shop"], "rego_version": 1, "new": 1,
            "metadata": { "team": "x", "aspm": { "kept": true, "sequence": 8 } }
        })
    );
}

#[test]
fn the_same_folder_gives_the_same_bytes_whatever_the_order() {
    let rsa = SigningKey {
        algorithm: Algorithm::RS256,
        material: SigningMaterial::PrivateKey(include_str!("keys/rsa.private.pem").to_owned()),
        ..secret_signer(None)
    };
    let reversed: Vec<_> = FILES.iter().rev().copied().collect();
    for key in [None, Some(&secret_signer(None)), Some(&rsa)] {
        let first = build(&folder(FILES), &overrides(), key).unwrap();
        assert_eq!(first, build(&folder(&reversed), &overrides(), key).unwrap());
        assert_eq!(first[4..8], [0; 4], "no time in the gzip header");
    }
}

#[test]
fn every_algorithm_signs_what_it_verifies() {
    let rsa = (include_str!("keys/rsa.private.pem"), include_str!("keys/rsa.public.pem"));
    let pkcs1 = (include_str!("keys/rsa.pkcs1.private.pem"), include_str!("keys/rsa.pkcs1.public.pem"));
    let ec256 = (include_str!("keys/ec256.private.pem"), include_str!("keys/ec256.public.pem"));
    let ec384 = (include_str!("keys/ec384.private.pem"), include_str!("keys/ec384.public.pem"));
    let ec521 = (include_str!("keys/ec521.private.pem"), include_str!("keys/ec521.public.pem"));
    for (algorithm, (private, public)) in [
        (Algorithm::RS256, rsa),
        (Algorithm::RS256, pkcs1),
        (Algorithm::RS384, rsa),
        (Algorithm::RS512, rsa),
        (Algorithm::PS256, rsa),
        (Algorithm::PS384, rsa),
        (Algorithm::PS512, rsa),
        (Algorithm::ES256, ec256),
        (Algorithm::ES384, ec384),
        (Algorithm::ES512, ec521),
    ] {
        let key = SigningKey {
            id: Some("ci".to_owned()),
            algorithm,
            material: SigningMaterial::PrivateKey(private.to_owned()),
            scope: Some("write".to_owned()),
        };
        let archive = build(&folder(FILES), &overrides(), Some(&key)).unwrap_or_else(|e| panic!("{algorithm}: {e}"));
        let verify = Key { scope: Some("write".to_owned()), ..public_key("ci", algorithm, public) };
        assert_eq!(read(&unpack(&archive).unwrap(), &[verify]).signed_by.as_deref(), Some("ci"), "{algorithm}");
    }
}

#[test]
fn a_key_that_cannot_sign_is_told_so_without_its_text() {
    let private = |text: &str| SigningMaterial::PrivateKey(text.to_owned());
    for (algorithm, material) in [
        (Algorithm::RS256, private(include_str!("keys/ec256.private.pem"))),
        (Algorithm::RS256, private(include_str!("keys/rsa.public.pem"))),
        (Algorithm::ES256, private(include_str!("keys/ec521.private.pem"))),
        (Algorithm::ES512, private(include_str!("keys/ec256.private.pem"))),
        (Algorithm::HS256, private(include_str!("keys/rsa.private.pem"))),
        (Algorithm::HS256, SigningMaterial::Secret(Vec::new())),
        (Algorithm::RS256, SigningMaterial::Secret(b"secret".to_vec())),
    ] {
        let key = SigningKey { id: Some("ci".to_owned()), algorithm, material, scope: None };
        let error = build(&folder(FILES), &overrides(), Some(&key)).expect_err("must not sign").to_string();
        assert!(error.starts_with(r#"The key "ci" cannot be used"#), "{algorithm}: {error}");
        assert!(!format!("{error}{key:?}").contains("MII"), "no key text in messages");
    }
}

#[test]
fn what_nobody_could_read_is_not_built() {
    for (files, roots, said) in [
        (&[("gate.rego", "package aspm"), ("rules/a.yml", "x")][..], vec!["aspm/gate"], "do not permit"),
        (&[("data.json", "{}"), ("rules/a.yml", "x")], vec!["shop"], "data at /aspm"),
        (&[("data.json", "{}")], vec!["a", "a/b"], "overlap"),
        (&[("data.json", "{}")], vec![], "permits nothing"),
        (&[("aspm/data.json", "1"), ("rules/a.yml", "x")], vec![""], "data.aspm cannot be used: it is a number"),
    ] {
        let roots = Some(roots.into_iter().map(str::to_owned).collect());
        let error = build(&folder(files), &Overrides { roots, ..Overrides::default() }, None).expect_err(said);
        assert!(error.to_string().contains(said), "{error}");
    }
}
