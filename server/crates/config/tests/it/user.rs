//! The user's configuration: what it allows, and what is said of the rest.

use std::ffi::OsString;
use std::path::Path;

use aspm_config::{
    Algorithm, Auth, BundleOrigin, BundlePlace, ConfigError, KeyMaterial, LoadedUser, Origin, Server, UserConfig,
};
use proptest::prelude::*;
use url::Url;

const PEM: &str = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";

fn env(name: &str) -> Option<OsString> {
    (name == "HOME").then(|| OsString::from("/h"))
}

fn try_parse(text: &str) -> Result<UserConfig, ConfigError> {
    UserConfig::parse(text, Path::new("/c/config.toml"), &env)
}

fn parse(text: &str) -> UserConfig {
    try_parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn a_full_file_says_who_may_be_asked_and_how() {
    let config = parse(&format!(
        r#"
        [[server]]
        url = "https://Dojo.example.com/"
        auth = {{ keyring = true }}
        ca = "ca.pem"
        client_cert = "~/me.pem"
        client_key = "/k/me.key"
        proxy = "http://proxy.example.com:3128"
        proxy_auth = {{ env = "PROXY_LOGIN" }}
        [[server]]
        url = "http://artifacts.example.com:8080"
        auth = "none"
        allow_http = true
        [[server]]
        url = "http://127.0.0.1:9000"
        auth = {{ command = ["pass", "show", "dojo"] }}
        [[server]]
        url = "https://a.example.com"
        auth = {{ env = "A_TOKEN" }}
        [[server]]
        url = "https://b.example.com"
        auth = {{ file = true }}
        [[server]]
        url = "https://c.example.com"
        [[bundle_key]]
        id = "org"
        algorithm = "ES256"
        public_key = """{PEM}"""
        origin = "https://artifacts.example.com/policy"
        [[bundle_key]]
        id = "local"
        algorithm = "PS512"
        public_key = "keys/local.pem"
        origin = "file:/srv/policy"
        [[bundle_key]]
        id = "shared"
        algorithm = "HS256"
        secret_env = "BUNDLE_SECRET"
        origin = "file:policy"
        [policy]
        bundle = "~/policy"
        "#
    ));
    let origin = |text: &str| Origin::parse(text).unwrap();
    assert_eq!(
        config.servers[0],
        Server {
            auth: Auth::Keyring,
            ca: Some("/c/ca.pem".into()),
            client_cert: Some("/h/me.pem".into()),
            client_key: Some("/k/me.key".into()),
            proxy: Some(url("http://proxy.example.com:3128")),
            proxy_auth: Auth::Env("PROXY_LOGIN".into()),
            ..Server::new(origin("https://dojo.example.com"))
        }
    );
    assert_eq!(
        config.servers[1],
        Server { allow_http: true, ..Server::new(origin("http://artifacts.example.com:8080")) }
    );
    let auths: Vec<&Auth> = config.servers[2..].iter().map(|server| &server.auth).collect();
    let command = Auth::Command(vec!["pass".into(), "show".into(), "dojo".into()]);
    assert_eq!(auths, [&command, &Auth::Env("A_TOKEN".into()), &Auth::File, &Auth::None]);
    let keys: Vec<_> = config.bundle_keys.iter().map(|key| (key.id.as_str(), key.algorithm, &key.key)).collect();
    assert_eq!(
        keys,
        [
            ("org", Algorithm::ES256, &KeyMaterial::Pem(PEM.into())),
            ("local", Algorithm::PS512, &KeyMaterial::File("/c/keys/local.pem".into())),
            ("shared", Algorithm::HS256, &KeyMaterial::SecretEnv("BUNDLE_SECRET".into())),
        ]
    );
    assert_eq!(config.bundle_keys[2].origin, BundleOrigin::File("/c/policy".into()));
    assert_eq!(config.policy_bundle, Some(BundlePlace::Path("/h/policy".into())));
}

#[test]
fn only_the_very_origin_that_is_listed_is_allowed() {
    let config = parse("[[server]]\nurl = 'https://dojo.example.com'\n");
    for (text, expected) in [
        ("https://dojo.example.com/api/v2/", true),
        ("https://DOJO.example.com:443/x?y#z", true),
        ("https://dojo.example.com:8443/", false),
        ("http://dojo.example.com/", false),
        ("https://dojo.example.com.evil.example/", false),
        ("https://dojo.example.com@evil.example/", false),
        ("https://evil.example/dojo.example.com", false),
        ("https://sub.dojo.example.com/", false),
        ("ftp://dojo.example.com/", false),
        ("file:///dojo.example.com", false),
    ] {
        assert_eq!(config.server_for(&url(text)).is_some(), expected, "{text}");
    }
    assert!(UserConfig::default().server_for(&url("https://dojo.example.com")).is_none());
}

#[test]
fn a_key_is_for_the_bundles_below_its_origin() {
    let key = |origin: &str| {
        let text = format!(
            "[[bundle_key]]\nid='k'\nalgorithm='RS256'\npublic_key='k.pem'\norigin='{origin}'\n[policy]\nbundle='x'\n"
        );
        parse(&text)
    };
    for (origin, place, expected) in [
        ("https://org.example.com", "https://org.example.com/any/b.tar.gz", true),
        ("https://org.example.com/p", "https://org.example.com/p/b.tar.gz", true),
        ("https://org.example.com/p/", "https://org.example.com/p/b.tar.gz", true),
        ("https://org.example.com/p", "https://org.example.com/p", true),
        ("https://org.example.com/p", "https://org.example.com/p?version=2", true),
        ("https://org.example.com/p", "https://org.example.com/x/../p/b", true),
        ("https://org.example.com/p", "https://org.example.com/private", false),
        ("https://org.example.com/p", "https://org.example.com:8443/p", false),
        ("https://org.example.com/p", "http://org.example.com/p", false),
        ("https://org.example.com", "/org.example.com", false),
        ("file:/srv/policy", "/srv/policy", true),
        ("file:///srv/policy", "/srv/policy/b.tar.gz", true),
        ("file:/srv/policy", "/srv/policy2", false),
        ("file:~/policy", "/h/policy/b.tar.gz", true),
        ("file:policy", "/c/policy", true),
        ("file:/srv", "https://srv/", false),
    ] {
        let place = if place.starts_with('/') { BundlePlace::Path(place.into()) } else { BundlePlace::Url(url(place)) };
        assert_eq!(!key(origin).keys_for(&place).is_empty(), expected, "{origin} for {place}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn mistakes_are_told_with_their_place_and_what_is_meant() {
    let server = "[[server]]\nurl = 'https://x'\n";
    let key = "[[bundle_key]]\nid = 'k'\norigin = 'https://x'\n";
    let cases: &[(String, &[&str])] = &[
        (
            "[[servers]]\n".into(),
            &["1:3: unknown key \"servers\"; did you mean \"server\"? Known keys: bundle_key, policy, server"],
        ),
        ("[[server]]\nauth = 'none'\n".into(), &["1:1: `server` needs the key `url`"]),
        ("[server]\n".into(), &["1:1: there can be several: write [[server]] with two brackets"]),
        (
            format!("{server}alow_http = true\n"),
            &[
                "3:1: unknown key \"alow_http\" in `server`; did you mean \"allow_http\"? Known keys: allow_http, auth, ca, client_cert, client_key, proxy, proxy_auth, url",
            ],
        ),
        (format!("{server}allow_http = 'yes'\n"), &["3:14: `server.allow_http` must be true or false, not a string"]),
        (
            format!("{server}auth = 'nome'\n"),
            &["3:8: `server.auth` cannot be \"nome\"; did you mean \"none\"? Possible: none"],
        ),
        (format!("{server}auth = 7\n"), &["3:8: `server.auth` must be a string or a table, not an integer"]),
        (format!("{server}auth = ['a']\n"), &["3:8: `server.auth` must be a string or a table, not an array"]),
        (
            format!("{server}auth = {{ keyrin = true }}\n"),
            &[
                "3:10: unknown key \"keyrin\" in `server.auth`; did you mean \"keyring\"? Known keys: command, env, file, keyring",
            ],
        ),
        (
            format!("{server}auth = {{ command = 'pass' }}\n"),
            &["3:20: `server.auth.command` must be an array of strings, not a string"],
        ),
        (
            format!("{server}auth = {{ command = ['pass', 1] }}\n"),
            &["3:29: `server.auth.command` must be a string, not an integer"],
        ),
        (
            format!("{server}auth = {{}}\n"),
            &["3:8: server.auth needs one of keyring, env, command, file, or to be \"none\""],
        ),
        (
            format!("{server}auth = {{ keyring = true, file = true }}\n"),
            &["3:8: server.auth must have only one of keyring, env, command, file"],
        ),
        (
            format!("{server}auth = {{ keyring = false }}\n"),
            &["3:8: server.auth can have `keyring` only as true; \"none\" means no credential"],
        ),
        (
            format!("{server}auth = {{ env = 'abc-123' }}\n"),
            &["3:8: server.auth must give `env` the name of a variable, such as DOJO_TOKEN, not its value"],
        ),
        (
            format!("{server}auth = {{ command = [] }}\n"),
            &["3:8: server.auth must give `command` a program and its arguments: [\"pass\", \"dojo\"]"],
        ),
        (
            format!("{server}auth = {{ command = ['./pass'] }}\n"),
            &["3:8: server.auth must give `command` a program by its name or its absolute path"],
        ),
        (
            format!("{server}client_cert = 'a.pem'\n"),
            &["3:15: server.client_cert needs its other half: `client_cert` and `client_key` go together"],
        ),
        (format!("{server}ca = ''\n"), &["3:6: server.ca must not be empty"]),
        (
            format!("{server}proxy = 'http://u:hunter2@p:3128'\n"),
            &["3:9: server.proxy must hold no user name or password: use `proxy_auth = { env = … }` for user:password"],
        ),
        (format!("{server}proxy = 'socks5://p'\n"), &["3:9: server.proxy must begin with https:// or http://"]),
        (format!("{server}proxy_auth = {{ env = 'P' }}\n"), &["3:14: server.proxy_auth needs the key `proxy`"]),
        (
            format!("{server}proxy = 'http://p:1'\nproxy_auth = {{ keyring = true }}\n"),
            &["4:14: server.proxy_auth can only be { env = … } or { command = […] }"],
        ),
        (
            "[[server]]\nurl = 'http://x'\n".into(),
            &[
                "2:7: server.url is plain http, which everybody on the way can read: use https, or set `allow_http = true`",
            ],
        ),
        (
            "[[server]]\nurl = 'https://x/dojo'\n".into(),
            &["2:7: server.url must be scheme, host and port only, without a path: write https://x"],
        ),
        (
            format!("{server}[[server]]\nurl = 'https://X:443'\n"),
            &["4:7: server.url https://x stands in an earlier [[server]]"],
        ),
        (
            format!("{key}algorithm = 'HS256'\npublic_key = 'k.pem'\n"),
            &["4:13: bundle_key.algorithm HS256 takes the key `secret_env` and no `public_key`"],
        ),
        (
            format!("{key}algorithm = 'RS256'\nsecret_env = 'K'\n"),
            &["4:13: bundle_key.algorithm RS256 takes the key `public_key` and no `secret_env`"],
        ),
        (
            format!("{key}algorithm = 'none'\npublic_key = 'k.pem'\n"),
            &[
                "4:13: `bundle_key.algorithm` cannot be \"none\". Possible: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, HS256",
            ],
        ),
        (
            format!("{key}algorithm = 'RS256'\npublic_key = '-----BEGIN RSA PRIVATE KEY-----'\n"),
            &["5:14: bundle_key.public_key must be the public key, and this is the private one"],
        ),
        (
            "[[bundle_key]]\nid = 'k'\norigin = 'org'\nalgorithm = 'RS256'\npublic_key = 'k'\n".into(),
            &[
                "3:10: bundle_key.origin must be a URL such as https://dojo.example.com, and this is none: relative URL without a base",
            ],
        ),
        ("[policy]\nbundle = ''\n".into(), &["2:10: policy.bundle must not be empty"]),
    ];
    for (text, expected) in cases {
        let error = try_parse(text).expect_err(text).to_string();
        let expected: Vec<String> = expected.iter().map(|line| format!("/c/config.toml:{line}")).collect();
        assert_eq!(error, expected.join("\n"), "\n--- of:\n{text}");
    }
}

#[test]
fn a_credential_in_the_file_is_refused_and_never_repeated() {
    for key in ["token", "password", "api_key"] {
        let error = try_parse(&format!("[[server]]\nurl = 'https://x'\n{key} = 'hunter2'\n")).unwrap_err().to_string();
        assert!(error.contains("/c/config.toml:3:1: a credential does not belong in this file"), "{error}");
        assert!(error.contains("aspm-lsp login") && !error.contains("hunter2"), "{error}");
    }
    for text in ["[[server]]\nurl = 'https://u:hunter2@x'\n", "[policy]\nbundle = 'https://u:hunter2@x'\n"] {
        let error = try_parse(text).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn the_file_is_where_the_environment_says_and_may_be_absent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let load = || -> LoadedUser {
        let env = |name: &str| (name == "ASPM_CONFIG").then(|| file.clone().into_os_string());
        UserConfig::load(&env)
    };
    let absent = load();
    assert_eq!((absent.config, absent.problems.len(), absent.from), (UserConfig::default(), 0, None));

    std::fs::write(&file, "[[server]]\nurl = 'https://x'\nca = 'ca.pem'\n").unwrap();
    let good = load();
    assert_eq!(good.config.servers[0].ca.as_deref(), Some(&*folder.path().join("ca.pem")));
    assert_eq!((good.problems.len(), good.from.as_ref()), (0, Some(&file)));

    std::fs::write(&file, "[[server]]\nurl = 'https://x'\n[[server]]\nurl = 1\n").unwrap();
    let broken = load();
    assert_eq!(broken.config, UserConfig::default(), "no origin of a broken file counts");
    assert_eq!(broken.problems, [format!("{}:4:7: `server.url` must be a string, not an integer", file.display())]);

    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert_eq!(load().problems, [format!("{}: is not a regular file and was not read", file.display())]);
    assert!(UserConfig::load(&|_| None).from.is_none(), "no home, no file");
}

#[test]
fn a_key_file_must_hold_a_public_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("k.pem");
    let material = KeyMaterial::File(file.clone());
    assert!(material.pem().unwrap_err().contains("k.pem cannot be read"));
    std::fs::write(&file, PEM).unwrap();
    assert_eq!(material.pem(), Ok(Some(PEM.to_owned())));
    std::fs::write(&file, "-----BEGIN PRIVATE KEY-----\nhunter2").unwrap();
    let error = material.pem().unwrap_err();
    assert!(error.contains("the private one") && !error.contains("hunter2"), "{error}");
    assert_eq!(KeyMaterial::SecretEnv("X".into()).pem(), Ok(None));
}

proptest! {
    #[test]
    fn parsing_never_panics_and_errors_have_a_place(pieces in prop::collection::vec(piece(), 0..30)) {
        if let Err(error) = try_parse(&pieces.concat()) {
            prop_assert!(!error.problems.is_empty());
            prop_assert!(error.problems.iter().all(|problem| problem.line >= 1 && problem.column >= 1));
        }
    }
}

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "[[server]]\n",
        "[[bundle_key]]\n",
        "[policy]\n",
        "url = ",
        "auth = ",
        "'https://x'",
        "{ keyring = true }",
        "{ env = 'A' }",
        "\n",
        "proxy = ",
        "client_cert = ",
        "'none'",
        "algorithm = 'HS256'\n",
        "public_key = 'a'\n",
        "secret_env = 'A'\n",
        "id = 'a'\n",
        "origin = 'file:a'\n",
        "origin = ",
        "bundle = ",
        "true",
        "[",
        "]",
        "é",
        "1",
    ])
}
