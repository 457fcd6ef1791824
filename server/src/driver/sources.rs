//! One open store for each source of each root.

use std::path::Path;
use std::sync::{Arc, Mutex};

use std::sync::atomic::Ordering;

use config::SourceConfig;
use sha2::{Digest as _, Sha256};
use store::{Key, Store};

use super::{Inner, lock, remote};

/// A file that is damaged more often than this in one session lies on a disk that keeps nothing.
const MOST_RENEWED: u32 = 3;

pub(super) fn open(inner: &Inner, root: &Path, source: &str) -> Arc<Mutex<Store>> {
    let key = (root.to_path_buf(), source.to_owned());
    let mut stores = lock(&inner.stores);
    if let Some(store) = stores.get(&key) {
        return store.clone();
    }
    let opened = Store::open(&inner.places.cache, &store_key(inner, root, source));
    lock(&inner.notices).entry(key.clone()).or_default().extend(opened.notices);
    let store = Arc::new(Mutex::new(opened.store));
    stores.insert(key, store.clone());
    store
}

/// Says where the findings of a source behind the network are kept.
pub(super) fn declare(inner: &Inner, root: &Path, source: &SourceConfig) {
    let name = (root.to_path_buf(), source.name.clone());
    // Held meanwhile: of two who look, the one who looked later counts.
    let mut keys = lock(&inner.keys);
    let Some(key) = remote::key(inner, root, source) else { return };
    let before = keys.insert(name.clone(), key.clone());
    drop(keys);
    if before.is_some_and(|before| before != key) {
        lock(&inner.stores).remove(&name);
        lock(&inner.notices).remove(&name);
        inner.looks.forget();
    }
}

/// Whoever tells the engine of a source holds this meanwhile.
pub(super) fn telling(inner: &Inner, root: &Path, source: &str) -> Arc<Mutex<()>> {
    lock(&inner.tellings).entry((root.to_path_buf(), source.to_owned())).or_default().clone()
}

/// Whether what is read of a source is kept for this account.
pub(super) fn is_kept_for(inner: &Inner, root: &Path, source: &str, account: &str) -> bool {
    let keys = lock(&inner.keys);
    keys.get(&(root.to_path_buf(), source.to_owned())).is_some_and(|key| key.account == account)
}

/// What tells the revisions of one account's store from another's, in the upper half of the number.
pub(super) fn salt(inner: &Inner, root: &Path, source: &str) -> u64 {
    let keys = lock(&inner.keys);
    let account = keys.get(&(root.to_path_buf(), source.to_owned())).map_or("", |key| key.account.as_str());
    if account.is_empty() {
        return 0;
    }
    let digest = Sha256::digest(account);
    u64::from(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])) << 32
}

/// Opens a store that is not in use here, only to look.
pub(super) fn look(inner: &Inner, root: &Path, source: &str, key: &Key) -> Store {
    let opened = Store::open(&inner.places.cache, key);
    if opened.store.path().is_some() {
        lock(&inner.notices).entry((root.to_path_buf(), source.to_owned())).or_default().extend(opened.notices);
    }
    opened.store
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
            let times = {
                let mut renewed = lock(&inner.renewed);
                let times = renewed.entry(key.clone()).or_default();
                *times += 1;
                *times
            };
            let Some(store) = lock(&inner.stores).remove(&key) else { return false };
            let damaged = std::mem::replace(&mut *lock(&store), Store::in_memory());
            let mut opened = damaged.set_aside();
            if times > MOST_RENEWED {
                opened.store = Store::in_memory();
                opened.notices.push("It is damaged again and again: findings are kept in memory for now.".to_owned());
            }
            lock(&inner.notices).insert(key.clone(), opened.notices);
            lock(&inner.stores).insert(key, Arc::new(Mutex::new(opened.store)));
            inner.is_emptied.store(true, Ordering::Relaxed);
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

/// A store that a synchronisation writes to beside readers: on disk, tried anew each time, or a copy of what this process
/// holds in memory. [`publish`] shows readers what came of it.
pub(super) fn writer(inner: &Inner, root: &Path, source: &str) -> Store {
    let shared = open(inner, root, source);
    let opened = Store::open(&inner.places.cache, &store_key(inner, root, source));
    if opened.store.path().is_none() {
        return lock(&shared).copy_in_memory();
    }
    if !opened.notices.is_empty() {
        // The file under the shared store is another now.
        let key = (root.to_path_buf(), source.to_owned());
        lock(&inner.stores).remove(&key);
        drop(open(inner, root, source));
        lock(&inner.notices).entry(key).or_default().extend(opened.notices);
    }
    opened.store
}

/// Another store to write to in place of one that failed: a damaged one is set aside, and where there is no room or no
/// right to write, this session goes on in memory. `None`: it fails anywhere.
pub(super) fn instead(inner: &Inner, root: &Path, source: &str, failed: Store, error: &store::Error) -> Option<Store> {
    use store::Error::{Busy, Corrupt, Full, NeverSynced, Other, ReadOnly, Replaced};
    match error {
        Corrupt { .. } | Replaced { .. } => {
            drop(failed);
            let is_renewed = renew(inner, root, source, error);
            // Whoever asked reads it again.
            inner.is_emptied.store(false, Ordering::Relaxed);
            is_renewed.then(|| writer(inner, root, source))
        }
        Full { .. } | ReadOnly { .. } | Other { .. } if failed.path().is_some() => {
            let why = format!("{error} The findings of source \"{source}\" are kept in memory for this session.");
            let notices = &mut *lock(&inner.notices);
            let told = notices.entry((root.to_path_buf(), source.to_owned())).or_default();
            if !told.contains(&why) {
                told.push(why);
            }
            Some(failed.copy_in_memory())
        }
        Busy { .. } | NeverSynced { .. } | Full { .. } | ReadOnly { .. } | Other { .. } => None,
    }
}

/// Readers see what was written to `written`, a [`writer`] or what took its place.
pub(super) fn publish(inner: &Inner, root: &Path, source: &str, written: Store) {
    let key = (root.to_path_buf(), source.to_owned());
    let is_on_disk = |store: &Mutex<Store>| lock(store).path().is_some();
    let shared = open(inner, root, source);
    match (written.path().is_some(), is_on_disk(&shared)) {
        // What was set aside is filled again.
        (true, true) => {
            let told = lock(&inner.notices).remove(&key);
            inner.remark(told.unwrap_or_default());
        }
        // There is room again, or the right to write: what was told of that is over.
        (true, false) => {
            lock(&inner.notices).remove(&key);
            lock(&inner.stores).remove(&key);
        }
        (false, _) => drop(lock(&inner.stores).insert(key, Arc::new(Mutex::new(written)))),
    }
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
