//! What the schema of the user's configuration cannot say.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeTable;
use url::Url;

use super::keys::{Algorithm, BundleKey, BundleOrigin, KeyMaterial, KeyTable, public_pem};
use super::server::{Auth, AuthValue, Server, ServerTable, is_variable};
use super::{UserConfig, UserDocument};
use crate::bundle::{BundlePlace, is_url};
use crate::dirs::Env;
use crate::document::word;
use crate::error::Problems;
use crate::origin::{Origin, http_url};

/// Keys people write a secret under.
const SECRET_KEYS: [&str; 7] = ["token", "api_key", "apikey", "key", "password", "secret", "credential"];

/// Tells of credentials in the file, which is no place for them, before anything else is said about their keys.
pub(super) fn secrets_written_down(root: &Spanned<DeTable<'_>>, problems: &mut Problems<'_>) {
    let servers = root.get_ref().get("server").and_then(|value| value.get_ref().as_array());
    for table in servers.into_iter().flatten().filter_map(|value| value.get_ref().as_table()) {
        for (key, _) in table.iter().filter(|(key, _)| SECRET_KEYS.contains(&key.get_ref().as_ref())) {
            let what = "a credential does not belong in this file: remove it and run `aspm-lsp login URL`";
            problems.add(&key.span(), what);
        }
    }
}

pub(super) struct Meaning<'a, 't> {
    pub(super) root: &'a Spanned<DeTable<'t>>,
    pub(super) problems: &'a mut Problems<'t>,
    /// What relative paths are relative to.
    pub(super) folder: &'a Path,
    pub(super) env: Env<'a>,
}

impl Meaning<'_, '_> {
    pub(super) fn read(mut self, document: &UserDocument) -> UserConfig {
        let mut origins = HashSet::new();
        let mut servers = Vec::new();
        for (number, table) in document.server.iter().enumerate() {
            let Some(server) = self.server(number, table) else { continue };
            if !origins.insert(server.origin.clone()) {
                self.tell("server", number, "url", &format!("{} stands in an earlier [[server]]", server.origin));
            }
            servers.push(server);
        }
        let keys = document.bundle_key.iter().enumerate();
        let bundle_keys = keys.filter_map(|(number, table)| self.key(number, table)).collect();
        let policy_bundle = document.policy.bundle.as_deref().and_then(|text| self.bundle(text));
        UserConfig { servers, bundle_keys, policy_bundle }
    }

    fn server(&mut self, number: usize, table: &ServerTable) -> Option<Server> {
        let origin = self.told("server", number, "url", Origin::parse(&table.url));
        if let Some(origin) = &origin
            && !(origin.is_encrypted() || origin.is_loopback() || table.allow_http)
        {
            let why = "is plain http, which everybody on the way can read: use https, or set `allow_http = true`";
            self.tell("server", number, "url", why);
        }
        let auth = self.auth(number, "auth", table.auth.as_ref());
        let proxy_auth = self.auth(number, "proxy_auth", table.proxy_auth.as_ref());
        if matches!(proxy_auth, Auth::Keyring | Auth::File) {
            self.tell("server", number, "proxy_auth", "can only be { env = … } or { command = […] }");
        }
        if table.proxy.is_none() && proxy_auth != Auth::None {
            self.tell("server", number, "proxy_auth", "needs the key `proxy`");
        }
        let proxy = table.proxy.as_deref().and_then(|text| self.proxy(number, text));
        if table.client_cert.is_some() != table.client_key.is_some() {
            let key = if table.client_cert.is_some() { "client_cert" } else { "client_key" };
            self.tell("server", number, key, "needs its other half: `client_cert` and `client_key` go together");
        }
        Some(Server {
            origin: origin?,
            auth,
            ca: self.file(number, "ca", table.ca.as_deref()),
            client_cert: self.file(number, "client_cert", table.client_cert.as_deref()),
            client_key: self.file(number, "client_key", table.client_key.as_deref()),
            proxy,
            proxy_auth,
            allow_http: table.allow_http,
        })
    }

    fn auth(&mut self, number: usize, key: &str, value: Option<&AuthValue>) -> Auth {
        let read = value.map_or(Ok(Auth::None), AuthValue::read);
        self.told("server", number, key, read).unwrap_or_default()
    }

    fn proxy(&mut self, number: usize, text: &str) -> Option<Url> {
        if text.contains('@') {
            let why = "must hold no user name or password: use `proxy_auth = { env = … }` for user:password";
            self.tell("server", number, "proxy", why);
            return None;
        }
        let url = self.told("server", number, "proxy", http_url(text))?;
        if url.path() != "/" || url.query().is_some() {
            self.tell("server", number, "proxy", "must be scheme, host and port only");
        }
        Some(url)
    }

    fn key(&mut self, number: usize, table: &KeyTable) -> Option<BundleKey> {
        self.told("bundle_key", number, "id", word(&table.id));
        let is_shared = table.algorithm == Algorithm::HS256;
        let key = match (&table.public_key, &table.secret_env, is_shared) {
            (Some(text), None, false) if text.contains("-----BEGIN") => {
                self.told("bundle_key", number, "public_key", public_pem(text))?;
                KeyMaterial::Pem(text.clone())
            }
            (Some(text), None, false) => {
                KeyMaterial::File(self.told("bundle_key", number, "public_key", self.path(text))?)
            }
            (None, Some(name), true) if is_variable(name) => KeyMaterial::SecretEnv(name.clone()),
            (None, Some(_), true) => {
                self.tell("bundle_key", number, "secret_env", "must be the name of an environment variable");
                return None;
            }
            (_, _, true) => {
                let why = "HS256 takes the key `secret_env` and no `public_key`";
                self.tell("bundle_key", number, "algorithm", why);
                return None;
            }
            (_, _, false) => {
                let why = format!("{} takes the key `public_key` and no `secret_env`", table.algorithm);
                self.tell("bundle_key", number, "algorithm", &why);
                return None;
            }
        };
        let origin = match table.origin.strip_prefix("file:") {
            Some(path) => self.path(path.strip_prefix("//").unwrap_or(path)).map(BundleOrigin::File),
            None => http_url(&table.origin).map(BundleOrigin::Url),
        };
        let origin = self.told("bundle_key", number, "origin", origin)?;
        Some(BundleKey { id: table.id.clone(), algorithm: table.algorithm, key, origin })
    }

    fn bundle(&mut self, text: &str) -> Option<BundlePlace> {
        let place =
            if is_url(text) { http_url(text).map(BundlePlace::Url) } else { self.path(text).map(BundlePlace::Path) };
        let value = self.root.get_ref().get("policy").and_then(|table| table.get_ref().get("bundle"));
        let at = value.map_or(0..0, Spanned::span);
        place.map_err(|why| self.problems.add(&at, format!("policy.bundle {why}"))).ok()
    }

    fn file(&mut self, number: usize, key: &str, text: Option<&str>) -> Option<PathBuf> {
        let path = self.path(text?);
        self.told("server", number, key, path)
    }

    /// A path as a person writes it, made absolute. The error reads on after the key's name.
    fn path(&self, text: &str) -> Result<PathBuf, String> {
        word(text)?;
        if let Some(rest) = text.strip_prefix("~/") {
            let home = (self.env)("HOME").or_else(|| (self.env)("USERPROFILE")).filter(|home| !home.is_empty());
            return home
                .map(|home| PathBuf::from(home).join(rest))
                .ok_or_else(|| "begins with ~/, and there is no home folder: write the whole path".to_owned());
        }
        Ok(self.folder.join(text))
    }

    fn told<T>(&mut self, table: &str, number: usize, key: &str, read: Result<T, String>) -> Option<T> {
        read.map_err(|why| self.tell(table, number, key, &why)).ok()
    }

    fn tell(&mut self, table: &str, number: usize, key: &str, why: &str) {
        let at = self.span(table, number, key);
        self.problems.add(&at, format!("{table}.{key} {why}"));
    }

    /// Where a key's value stands; the table itself when it has no such key.
    fn span(&self, table: &str, number: usize, key: &str) -> Range<usize> {
        let tables = self.root.get_ref().get(table).and_then(|value| value.get_ref().as_array());
        let Some(table) = tables.and_then(|tables| tables.get(number)) else { return 0..0 };
        table.get_ref().get(key).unwrap_or(table).span()
    }
}
