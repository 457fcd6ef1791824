//! One open store for each source of each root.

use std::path::Path;
use std::sync::{Arc, Mutex};

use config::SourceConfig;
use store::{Key, Store};

use super::{Inner, lock, remote};

pub(super) fn open(inner: &Inner, root: &Path, source: &str) -> Arc<Mutex<Store>> {
    let key = (root.to_path_buf(), source.to_owned());
    let mut stores = lock(&inner.stores);
    if let Some(store) = stores.get(&key) {
        return store.clone();
    }
    let opened = Store::open(&inner.places.cache, &store_key(inner, root, source));
    lock(&inner.notices).insert(key.clone(), opened.notices);
    let store = Arc::new(Mutex::new(opened.store));
    stores.insert(key, store.clone());
    store
}

/// Says where the findings of a source behind the network are kept.
pub(super) fn declare(inner: &Inner, root: &Path, source: &SourceConfig) {
    let name = (root.to_path_buf(), source.name.clone());
    let Some(key) = remote::key(inner, root, source) else { return };
    let before = lock(&inner.keys).insert(name.clone(), key.clone());
    if before.is_some_and(|before| before != key) {
        lock(&inner.stores).remove(&name);
    }
}

/// Findings that only this process may see.
pub(super) fn keep_in_memory(inner: &Inner, root: &Path, source: &str) {
    let key = (root.to_path_buf(), source.to_owned());
    lock(&inner.stores).insert(key, Arc::new(Mutex::new(Store::in_memory())));
}

/// Puts a fresh store in place of one that cannot go on: a damaged file is set aside, one that another process replaced
/// is opened again. `false`: the error is of another kind, nothing was done.
pub(super) fn renew(inner: &Inner, root: &Path, source: &str, error: &store::Error) -> bool {
    let key = (root.to_path_buf(), source.to_owned());
    match error {
        store::Error::Corrupt { .. } => {
            let Some(store) = lock(&inner.stores).remove(&key) else { return false };
            let damaged = std::mem::replace(&mut *lock(&store), Store::in_memory());
            let opened = damaged.set_aside();
            lock(&inner.notices).insert(key.clone(), opened.notices);
            lock(&inner.stores).insert(key, Arc::new(Mutex::new(opened.store)));
            true
        }
        store::Error::Replaced { .. } => lock(&inner.stores).remove(&key).is_some(),
        _ => false,
    }
}

pub(super) fn notices(inner: &Inner, root: &Path, source: &str) -> Vec<String> {
    lock(&inner.notices).get(&(root.to_path_buf(), source.to_owned())).cloned().unwrap_or_default()
}

/// Puts an in-memory store in place of one that cannot be written (a full disk): the session goes on with all findings.
pub(super) fn replace_in_memory(inner: &Inner, root: &Path, source: &str, why: String) -> Arc<Mutex<Store>> {
    let key = (root.to_path_buf(), source.to_owned());
    let store = Arc::new(Mutex::new(Store::in_memory()));
    lock(&inner.stores).insert(key.clone(), store.clone());
    lock(&inner.notices).entry(key).or_default().push(why);
    store
}

/// A second connection to the same store, for writing beside readers.
pub(super) fn second(inner: &Inner, root: &Path, source: &str) -> Store {
    Store::open(&inner.places.cache, &store_key(inner, root, source)).store
}

/// A local log belongs to the folder it lies in; its "origin" is that folder.
/// What a source behind the network is kept under was declared.
fn store_key(inner: &Inner, root: &Path, source: &str) -> Key {
    if let Some(key) = lock(&inner.keys).get(&(root.to_path_buf(), source.to_owned())) {
        return key.clone();
    }
    let physical = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
    Key { origin: format!("file:{}", physical.display()), product: source.to_owned(), account: String::new() }
}
