//! Policy bundles: found, verified, compiled, and the last good one kept in force when a newer one is refused.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use config::{BundleKey, BundlePlace, KeyMaterial};
use finding::wire::PolicyInfo;
use policy::bundle::{self, Bundle, Expect, Key, Material, Raw};
use policy::{Policy, Stack};
use repo::TreeView;
use serde_json::Value;

use super::inputs::Places;
use crate::driver::{Inner, lock};

mod kept;
mod pull;
mod read;
mod seen;

pub(crate) use kept::Kept;
pub(super) use pull::pull;
pub(crate) use read::on_disk;
use seen::Seen;

/// Policies compiled so far, and the last good one of each place.
#[derive(Default)]
pub(crate) struct Bundles {
    compiled: Mutex<HashMap<u64, Compiled>>,
    good: Mutex<HashMap<String, u64>>,
}

/// A bundle that is good.
#[derive(Clone)]
struct Compiled {
    digest: u64,
    policy: Policy,
    info: PolicyInfo,
    sequence: Option<u64>,
    /// Its data, for the applications in it.
    data: Arc<Value>,
}

/// Compiled policies kept in memory.
const MOST_COMPILED: usize = 8;

/// What is in force.
pub(super) struct Found {
    pub(super) stack: Stack,
    pub(super) infos: Vec<PolicyInfo>,
    /// The organisation's data, else the repository's.
    pub(super) data: Arc<Value>,
    /// Counts with the policies' content.
    pub(super) digest: u64,
    pub(super) undecided: Vec<String>,
}

impl Bundles {
    pub(super) fn load(&self, inner: &Inner, root: &Path, places: &Places, problems: &mut Vec<String>) -> Found {
        let mut found = Found {
            stack: Stack::default(),
            infos: Vec::new(),
            data: Arc::default(),
            digest: 0,
            undecided: Vec::new(),
        };
        let organisation = places.organisation.as_ref().and_then(|place| {
            let at = Place { named: place, tree: None, root, known: places };
            self.layer(inner, &at, "organisation's", &mut found, problems)
        });
        let repository = places.repository.as_ref().and_then(|(place, tree)| {
            let at = Place { named: place, tree: tree.as_ref(), root, known: places };
            self.layer(inner, &at, "repository's", &mut found, problems)
        });
        if let Some(first) = organisation.as_ref().or(repository.as_ref()) {
            found.data = first.data.clone();
        }
        let policy = |compiled: Option<Compiled>| compiled.map(|compiled| compiled.policy);
        found.stack = Stack::new(policy(organisation), policy(repository));
        if found.infos.is_empty() {
            found.infos.push(PolicyInfo {
                origin: "built in".to_owned(),
                revision: Some(crate::VERSION.to_owned()),
                ..nothing()
            });
        }
        found
    }

    /// One policy; when it cannot be used, the last good one of the same place.
    fn layer(
        &self,
        inner: &Inner,
        at: &Place<'_>,
        whose: &str,
        found: &mut Found,
        problems: &mut Vec<String>,
    ) -> Option<Compiled> {
        let compiled = match self.one(inner, at, whose) {
            Ok(compiled) => Some(compiled),
            Err(why) => {
                problems.push(why.clone());
                let last = self.last_good(at).or_else(|| kept_good(inner, at)).map(|mut last| {
                    last.info.problems.push(format!("{why} The last good one stays in force."));
                    last
                });
                if last.is_none() {
                    found.undecided.push(why.clone());
                    found.infos.push(PolicyInfo { origin: at.named.to_string(), problems: vec![why], ..nothing() });
                }
                last
            }
        };
        if let Some(compiled) = &compiled {
            found.digest = found.digest.rotate_left(7) ^ compiled.digest;
            found.infos.push(compiled.info.clone());
        }
        compiled
    }

    fn one(&self, inner: &Inner, at: &Place<'_>, whose: &str) -> Result<Compiled, String> {
        let failed = |why: &dyn std::fmt::Display| {
            let (named, why) = (at.named.to_string(), why.to_string());
            let why = why.strip_prefix(&format!("policy {named}: ")).unwrap_or(&why).trim_end_matches('.');
            format!("The {whose} policy {named} cannot be used: {why}.")
        };
        let raw = read::raw(inner, at).map_err(|why| failed(&why))?;
        let keys = keys(at).map_err(|why| failed(&why))?;
        let digest = digest(&raw, &keys);
        let known = lock(&self.compiled).get(&digest).cloned();
        if let Some(compiled) = &known {
            check_replay(inner, at, compiled.sequence).map_err(|why| failed(&why))?;
            lock(&self.good).insert(at.key(), digest);
            return Ok(compiled.clone());
        }
        let compiled = compile(&at.named.to_string(), &raw, &keys, digest).map_err(|why| failed(&why))?;
        check_replay(inner, at, compiled.sequence).map_err(|why| failed(&why))?;
        if at.tree.is_none() {
            let kept = Kept::at(&inner.places.cache, &at.key());
            if matches!(at.named, BundlePlace::Path(_)) {
                let files: Vec<(&str, &[u8])> = raw.iter().collect();
                if let Err(error) = kept.keep_files(&files) {
                    tracing::warn!(%error, "a good policy cannot be kept for the day when it is broken");
                }
            }
        }
        let mut known = lock(&self.compiled);
        let mut good = lock(&self.good);
        good.insert(at.key(), digest);
        if known.len() >= MOST_COMPILED {
            known.retain(|digest, _| good.values().any(|good| good == digest));
        }
        known.insert(digest, compiled.clone());
        Ok(compiled)
    }

    fn last_good(&self, at: &Place<'_>) -> Option<Compiled> {
        let digest = *lock(&self.good).get(&at.key())?;
        lock(&self.compiled).get(&digest).cloned()
    }
}

/// Refuses a bundle older than one that was in force, and remembers a newer one. Going back in the history of a
/// repository is no replay: what counts there was reviewed.
fn check_replay(inner: &Inner, at: &Place<'_>, sequence: Option<u64>) -> Result<(), String> {
    if at.tree.is_some() {
        return Ok(());
    }
    let seen = highest(inner, at)?;
    bundle::check_sequence(sequence, seen).map_err(|error| error.to_string())?;
    match sequence.filter(|_| sequence > seen) {
        Some(newer) => Seen::at(&inner.places.data).raise(&at.key(), newer),
        None => Ok(()),
    }
}

/// The highest sequence that was in force; earlier versions kept it in the cache.
fn highest(inner: &Inner, at: &Place<'_>) -> Result<Option<u64>, String> {
    let seen = Seen::at(&inner.places.data);
    let (known, earlier) = (seen.of(&at.key())?, Kept::at(&inner.places.cache, &at.key()).state().sequence);
    if let Some(earlier) = earlier.filter(|_| earlier > known) {
        seen.raise(&at.key(), earlier)?;
    }
    Ok(known.max(earlier))
}

/// What another process found good, verified and compiled anew: the cache is trusted no more than the bundle was.
fn kept_good(inner: &Inner, at: &Place<'_>) -> Option<Compiled> {
    if at.tree.is_some() || !matches!(at.named, BundlePlace::Path(_)) {
        return None;
    }
    let raw = Raw::from_files(Kept::at(&inner.places.cache, &at.key()).files().ok()?).ok()?;
    let keys = keys(at).ok()?;
    let compiled = compile(&at.named.to_string(), &raw, &keys, digest(&raw, &keys)).ok()?;
    check_replay(inner, at, compiled.sequence).ok()?;
    Some(compiled)
}

fn compile(name: &str, raw: &Raw, keys: &[Key], digest: u64) -> Result<Compiled, String> {
    let expect = Expect { keys, now: crate::clock::now() };
    let bundle = Bundle::read(name, raw, &expect).map_err(|error| error.to_string())?;
    let policy = Policy::of_bundle(&bundle).map_err(|error| error.to_string())?;
    let info = PolicyInfo {
        origin: name.to_owned(),
        revision: bundle.manifest.revision,
        signed_by: bundle.signed_by,
        problems: policy.notices().to_vec(),
    };
    Ok(Compiled { digest, policy, info, sequence: bundle.manifest.sequence, data: Arc::new(bundle.data) })
}

/// One place of a bundle.
pub(crate) struct Place<'a> {
    named: &'a BundlePlace,
    /// The tree it is read from; the disk without one.
    tree: Option<&'a TreeView>,
    root: &'a Path,
    known: &'a Places,
}

impl Place<'_> {
    /// Its name on this machine.
    fn key(&self) -> String {
        match (self.named, self.tree) {
            (BundlePlace::Url(url), _) => url.to_string(),
            (BundlePlace::Path(path), None) => self.root.join(path).display().to_string(),
            (BundlePlace::Path(path), Some(_)) => format!("{}\0{}", self.root.display(), path.display()),
        }
    }

    fn absolute(&self) -> PathBuf {
        match self.named {
            BundlePlace::Path(path) => self.root.join(path),
            BundlePlace::Url(_) => PathBuf::new(),
        }
    }
}

fn nothing() -> PolicyInfo {
    PolicyInfo { origin: String::new(), revision: None, signed_by: None, problems: Vec::new() }
}

/// The keys one of which must have signed the bundle.
fn keys(at: &Place<'_>) -> Result<Vec<Key>, String> {
    let place = match at.named {
        BundlePlace::Path(_) => BundlePlace::Path(at.absolute()),
        BundlePlace::Url(url) => BundlePlace::Url(url.clone()),
    };
    at.known.user.keys_for(&place).into_iter().map(key).collect()
}

fn key(key: &BundleKey) -> Result<Key, String> {
    let material = match &key.key {
        KeyMaterial::SecretEnv(name) => {
            let secret = std::env::var(name).map_err(|_| format!("the bundle key {} needs ${name}", key.id))?;
            Material::Secret(secret.into_bytes())
        }
        public => Material::PublicKey(public.pem()?.unwrap_or_default()),
    };
    Ok(Key { id: key.id.clone(), algorithm: key.algorithm, material, scope: None })
}

fn digest(raw: &Raw, keys: &[Key]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (path, content) in raw.iter() {
        (path, content).hash(&mut hasher);
    }
    for key in keys {
        (&key.id, format!("{:?}", key.algorithm)).hash(&mut hasher);
    }
    hasher.finish()
}
