//! Writing a source's whole content.

use finding::Finding;
use rusqlite::TransactionBehavior;

use crate::error::Fault;
use crate::stage::{Extent, Staging};
use crate::{Error, SourceMeta, Store, meta};

impl Store {
    /// Starts writing one source's whole content. Nothing is visible to anybody before [`Replace::commit`], and nothing
    /// changed without it.
    pub fn replace(&mut self) -> Result<Replace<'_>, Error> {
        Ok(Replace(Staging::begin(self)?))
    }

    /// Notes that the source was read again and had nothing new. [`Self::revision`] stays.
    ///
    /// # Errors
    /// [`Error::NeverSynced`] before the first sync.
    pub fn confirm(&mut self, synced_at: &str) -> Result<(), Error> {
        self.confirm_from(synced_at, None)
    }

    /// The same where the next sync goes on from `cursor`; `None` leaves the cursor as it is.
    ///
    /// # Errors
    /// [`Error::NeverSynced`] before the first sync.
    pub fn confirm_from(&mut self, synced_at: &str, cursor: Option<&str>) -> Result<(), Error> {
        self.run_mut(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut meta = meta::read(&transaction)?.ok_or(Fault::NeverSynced)?;
            synced_at.clone_into(&mut meta.synced_at);
            meta.cursor = cursor.map(str::to_owned).or(meta.cursor);
            meta::write(&transaction, &meta)?;
            Ok(transaction.commit()?)
        })
    }
}

/// New content that nobody sees yet; see [`Store::replace`]. Dropping it forgets it.
#[derive(Debug)]
#[must_use = "nothing changes without `commit`"]
pub struct Replace<'s>(Staging<'s>);

impl Replace<'_> {
    /// Adds one finding; of two with the same id the later one counts.
    pub fn push(&mut self, finding: Finding) -> Result<(), Error> {
        self.0.put(finding)
    }

    /// Makes everything pushed the source's content, in one step, and returns `meta` as stored: its revision and number
    /// of findings are set here.
    pub fn commit(self, meta: SourceMeta) -> Result<SourceMeta, Error> {
        self.0.commit(meta, Extent::Whole, false)
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::Key;
    use crate::stage::TEMP_STORE_MEMORY;

    fn numbered(number: u32) -> Finding {
        serde_json::from_value(serde_json::json!({
            "id": format!("ci:{number:020x}"), "source": "ci", "kind": "code", "tool": {"name": "Tool"},
            "rule": {"id": "R1"}, "message": format!("finding {number}"), "severity": "high",
            "evidence": {"path": "a.py", "region": null},
        }))
        .unwrap()
    }

    fn fill(store: &mut Store, count: u32) -> Result<SourceMeta, Error> {
        let mut replace = store.replace()?;
        for number in 0..count {
            replace.push(numbered(number))?;
        }
        replace.commit(SourceMeta::default())
    }

    /// Lets the database grow by `more` pages, as a full disk would.
    fn room_for(store: &Store, more: i64) {
        let room = |connection: &Connection| {
            let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
            Ok(connection.pragma_update(None, "max_page_count", pages + more)?)
        };
        store.run(room).unwrap();
    }

    #[test]
    fn a_full_disk_fails_the_sync_in_clear_words_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key { origin: "o".into(), product: String::new(), account: String::new() };
        let mut store = Store::open(folder.path(), &key).store;
        fill(&mut store, 30).unwrap();
        // Wherever in the swap the room ends.
        for more in [0, 1, 5, 20, 60, 100] {
            room_for(&store, more);
            let error = fill(&mut store, 3_000).unwrap_err();
            assert!(matches!(error, Error::Full { .. }), "{error}");
            assert!(error.to_string().contains("free some disk space"), "{error}");
            for store in [&store, &Store::open(folder.path(), &key).store] {
                let (meta, index) = store.load_index().unwrap();
                assert_eq!((meta.revision, index.rows().len()), (1, 30));
                assert_eq!(store.finding(&numbered(7).id).unwrap(), Some(numbered(7)));
                assert_eq!(store.findings_at(&["a.py"]).unwrap().len(), 30);
            }
        }
        room_for(&store, 100_000);
        assert_eq!(fill(&mut store, 3_000).unwrap().revision, 2);
    }

    #[test]
    fn a_store_in_memory_needs_no_disk_at_all() {
        let mut store = Store::in_memory();
        for count in [3_000, 20] {
            let mut replace = store.replace().unwrap();
            for number in 0..count {
                replace.push(numbered(number)).unwrap();
            }
            drop(replace);
            assert_eq!(fill(&mut store, count).unwrap().findings, count as usize);
            let place = |connection: &Connection| {
                Ok(connection.pragma_query_value(None, "temp_store", |row| row.get::<_, i32>(0))?)
            };
            assert_eq!(store.run(place).unwrap(), TEMP_STORE_MEMORY);
        }
    }

    #[test]
    fn pushing_keeps_no_other_process_from_writing() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key { origin: "o".into(), product: String::new(), account: String::new() };
        let mut slow = Store::open(folder.path(), &key).store;
        let mut replace = slow.replace().unwrap();
        replace.push(numbered(1)).unwrap();
        let mut other = Store::open(folder.path(), &key).store;
        assert_eq!(fill(&mut other, 5).unwrap().revision, 1);
        replace.push(numbered(2)).unwrap();
        let stored = replace.commit(SourceMeta::default()).unwrap();
        assert_eq!((stored.revision, stored.findings), (2, 2));
        assert_eq!(other.load_index().unwrap().1.rows().len(), 2);
    }

    #[test]
    fn a_writer_that_never_ends_is_reported_as_busy() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key { origin: "o".into(), product: String::new(), account: String::new() };
        let mut store = Store::open(folder.path(), &key).store;
        fill(&mut store, 3).unwrap();
        store.run(|connection| Ok(connection.busy_timeout(std::time::Duration::from_millis(1))?)).unwrap();
        let other = Connection::open(store.path().unwrap()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        for error in [fill(&mut store, 4).unwrap_err(), store.confirm("later").unwrap_err()] {
            assert!(matches!(error, Error::Busy { .. }), "{error}");
        }
        assert_eq!(store.load_index().unwrap().1.rows().len(), 3, "reading goes on meanwhile");
        other.execute_batch("ROLLBACK").unwrap();
        assert_eq!(fill(&mut store, 4).unwrap().findings, 4);
    }
}
