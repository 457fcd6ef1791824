//! Placements on committed blobs, worth keeping because neither side of the question ever changes.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::error::Fault;
use crate::schema::PATIENCE;
use crate::{Error, Store};

/// Placements kept in one cache; beyond that, the ones remembered longest ago are dropped.
pub const PLACEMENTS_KEPT: u32 = 200_000;

/// A placement longer than this many bytes is not remembered.
pub const PLACEMENT_MAX_BYTES: usize = 4096;

/// The question a placement answers: this evidence, in this blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlacementKey<'a> {
    /// Digest of all that the anchor looked at besides the blob.
    pub evidence: [u8; 32],
    /// The blob's object id.
    pub blob: &'a str,
}

impl Store {
    /// What was remembered for each of `keys`, in their order. The bytes are the caller's own, and as little trusted as
    /// anything in a cache.
    pub fn cached_placements(&self, keys: &[PlacementKey<'_>]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        self.run(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            let mut statement =
                snapshot.prepare_cached("SELECT bytes FROM placement WHERE evidence = ?1 AND blob = ?2")?;
            keys.iter()
                .map(|key| Ok(statement.query_row(params![key.evidence, key.blob], |row| row.get(0)).optional()?))
                .collect()
        })
    }

    /// Remembers `placements`, all or none; the same question again replaces its answer. [`Self::revision`] stays.
    /// Does not wait: while somebody else writes, the answer is [`Error::Busy`], and whoever asked can find out again.
    pub fn remember_placements(&mut self, placements: &[(PlacementKey<'_>, &[u8])]) -> Result<(), Error> {
        self.remember(placements, PLACEMENTS_KEPT)
    }

    fn remember(&mut self, placements: &[(PlacementKey<'_>, &[u8])], kept: u32) -> Result<(), Error> {
        if placements.is_empty() {
            return Ok(());
        }
        self.run_mut(|connection| {
            connection.busy_timeout(Duration::ZERO)?;
            let done = write(connection, placements, kept);
            connection.busy_timeout(PATIENCE)?;
            done
        })
    }
}

fn write(connection: &mut Connection, placements: &[(PlacementKey<'_>, &[u8])], kept: u32) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        // A replaced row gets the highest number again: numbers are the order of age.
        let mut statement = transaction
            .prepare_cached("INSERT OR REPLACE INTO placement (evidence, blob, bytes) VALUES (?1, ?2, ?3)")?;
        for (key, bytes) in placements.iter().filter(|(_, bytes)| bytes.len() <= PLACEMENT_MAX_BYTES) {
            statement.execute(params![key.evidence, key.blob, bytes])?;
        }
        transaction
            .prepare_cached("DELETE FROM placement WHERE number <= (SELECT max(number) FROM placement) - ?1")?
            .execute([kept])?;
    }
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> PlacementKey<'static> {
        PlacementKey { evidence: [number; 32], blob: "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391" }
    }

    #[test]
    fn what_was_remembered_longest_ago_is_dropped_first() {
        let mut store = Store::in_memory();
        for number in 1..=5 {
            store.remember(&[(key(number), &[number])], 4).unwrap();
        }
        store.remember(&[(key(2), b"again")], 4).unwrap();
        store.remember(&[(key(6), &[6])], 4).unwrap();
        let keys: Vec<_> = (1..=6).map(key).collect();
        let found = store.cached_placements(&keys).unwrap();
        assert_eq!(found, [None, Some(b"again".to_vec()), None, Some(vec![4]), Some(vec![5]), Some(vec![6])]);
    }

    #[test]
    fn evidence_and_blob_together_are_the_question() {
        let mut store = Store::in_memory();
        let other = PlacementKey { blob: "other", ..key(1) };
        store.remember_placements(&[(key(1), b"one"), (other, b"two")]).unwrap();
        let found = store.cached_placements(&[other, key(2), key(1)]).unwrap();
        assert_eq!(found, [Some(b"two".to_vec()), None, Some(b"one".to_vec())]);
        assert_eq!(store.revision().unwrap(), 0);
    }

    #[test]
    fn remembering_does_not_wait_for_another_writer() {
        let folder = tempfile::tempdir().unwrap();
        let about = crate::Key { origin: "file:/x".into(), product: String::new(), account: String::new() };
        let mut store = Store::open(folder.path(), &about).store;
        let other = rusqlite::Connection::open(store.path().unwrap()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = store.remember_placements(&[(key(1), b"one")]).unwrap_err();
        assert!(matches!(error, Error::Busy { .. }), "{error}");
        other.execute_batch("ROLLBACK").unwrap();
        store.remember_placements(&[(key(1), b"one")]).unwrap();
        let patience: u32 =
            store.run(|connection| Ok(connection.query_row("PRAGMA busy_timeout", [], |row| row.get(0))?)).unwrap();
        assert_eq!(u128::from(patience), PATIENCE.as_millis());
    }

    #[test]
    fn an_oversized_answer_is_not_remembered() {
        let mut store = Store::in_memory();
        let big = vec![0; PLACEMENT_MAX_BYTES + 1];
        store.remember_placements(&[(key(1), &big), (key(2), &big[1..])]).unwrap();
        let found = store.cached_placements(&[key(1), key(2)]).unwrap();
        assert_eq!(found, [None, Some(big[1..].to_vec())]);
    }
}
