//! Writing a source's whole content: staged apart, then swapped in by one transaction.
//!
//! Staging happens in temporary tables, so pushing may take as long as the network likes without keeping any other
//! process from writing. The swap touches only what differs: a log read again with three new results writes three rows.

use std::collections::HashMap;

use finding::{Finding, RowFacts, Rule};
use rusqlite::{Connection, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use crate::error::Fault;
use crate::index::{each_row, kind_code, severity_code, status_code};
use crate::packed::Packer;
use crate::{Error, SourceMeta, Store, meta};

const STAGE: &str = "
CREATE TEMP TABLE IF NOT EXISTS staged (id TEXT PRIMARY KEY, rule, path, message, tool, line, severity, status, kind,
    rule_digest, body);
CREATE TEMP TABLE IF NOT EXISTS staged_rule (digest BLOB PRIMARY KEY, body);
DELETE FROM temp.staged;
DELETE FROM temp.staged_rule;
BEGIN";

const SWAP: [&str; 6] = [
    "DELETE FROM detail WHERE number IN (SELECT number FROM finding WHERE id NOT IN (SELECT id FROM temp.staged))",
    "DELETE FROM finding WHERE id NOT IN (SELECT id FROM temp.staged)",
    "INSERT OR IGNORE INTO rule (digest, body) SELECT digest, body FROM temp.staged_rule",
    "INSERT INTO finding (id, rule, path, message, tool, line, severity, status, kind)
     SELECT id, rule, path, message, tool, line, severity, status, kind FROM temp.staged WHERE true
     ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, path = excluded.path, message = excluded.message,
       tool = excluded.tool, line = excluded.line, severity = excluded.severity, status = excluded.status,
       kind = excluded.kind
     WHERE (rule, path, message, tool, line, severity, status, kind) IS NOT (excluded.rule, excluded.path,
       excluded.message, excluded.tool, excluded.line, excluded.severity, excluded.status, excluded.kind)",
    "INSERT INTO detail (number, rule_digest, body)
     SELECT finding.number, staged.rule_digest, staged.body FROM temp.staged JOIN main.finding USING (id) WHERE true
     ON CONFLICT (number) DO UPDATE SET rule_digest = excluded.rule_digest, body = excluded.body
     WHERE (rule_digest, body) IS NOT (excluded.rule_digest, excluded.body)",
    "DELETE FROM rule WHERE digest NOT IN (SELECT digest FROM temp.staged_rule)",
];

/// `PRAGMA temp_store`: temporary tables stay in memory.
pub(crate) const TEMP_STORE_MEMORY: i32 = 2;

impl Store {
    /// Starts writing one source's whole content. Nothing is visible to anybody before [`Replace::commit`], and nothing
    /// changed without it.
    pub fn replace(&mut self) -> Result<Replace<'_>, Error> {
        self.run(|connection| Ok(connection.execute_batch(STAGE)?))?;
        Ok(Replace { store: self, rules: HashMap::new() })
    }

    /// Notes that the source was read again and had nothing new. [`Self::revision`] stays.
    ///
    /// # Errors
    /// [`Error::NeverSynced`] before the first sync.
    pub fn confirm(&mut self, synced_at: &str) -> Result<(), Error> {
        self.run_mut(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut meta = meta::read(&transaction)?.ok_or(Fault::NeverSynced)?;
            synced_at.clone_into(&mut meta.synced_at);
            meta::write(&transaction, &meta)?;
            Ok(transaction.commit()?)
        })
    }
}

/// New content that nobody sees yet; see [`Store::replace`]. Dropping it forgets it.
#[derive(Debug)]
#[must_use = "nothing changes without `commit`"]
pub struct Replace<'s> {
    store: &'s mut Store,
    /// The rule last seen under each id, with its digest: findings of one rule mostly share its text.
    rules: HashMap<String, (Rule, [u8; 32])>,
}

impl Replace<'_> {
    /// Adds one finding; of two with the same id the later one counts.
    pub fn push(&mut self, finding: &Finding) -> Result<(), Error> {
        let Self { store, rules } = self;
        store.run(|connection| {
            let digest = stage_rule(connection, rules, &finding.rule)?;
            let body = json(&Finding { rule: Rule::default(), ..finding.clone() })?;
            let facts = RowFacts::of(finding);
            connection
                .prepare_cached("INSERT OR REPLACE INTO temp.staged VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)")?
                .execute(params![
                    facts.id,
                    facts.rule,
                    facts.path,
                    finding::text::first_line(facts.message),
                    facts.tool,
                    facts.line,
                    severity_code(facts.severity),
                    status_code(facts.status),
                    kind_code(facts.kind),
                    digest,
                    body,
                ])?;
            Ok(())
        })
    }

    /// Makes everything pushed the source's content, in one step, and returns `meta` as stored: its revision and number
    /// of findings are set here.
    pub fn commit(self, mut meta: SourceMeta) -> Result<SourceMeta, Error> {
        self.store.run_mut(|connection| {
            connection.execute_batch("COMMIT")?;
            let mut packer = Packer::default();
            meta.findings = 0;
            each_row(connection, "temp.staged", |facts| {
                packer.push(&facts);
                meta.findings += 1;
                Ok(())
            })?;
            let parts = packer.finish();

            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            meta.revision = meta::revision(&transaction)? + 1;
            for sql in SWAP {
                transaction.execute(sql, [])?;
            }
            transaction.execute("DELETE FROM packed", [])?;
            let revision = i64::try_from(meta.revision).map_err(|_| Fault::corrupt("the revision counter ran over"))?;
            for part in parts {
                transaction.execute("INSERT INTO packed (revision, bytes) VALUES (?1, ?2)", params![revision, part])?;
            }
            meta::write(&transaction, &meta)?;
            Ok(transaction.commit()?)
        })?;
        Ok(meta)
    }
}

impl Drop for Replace<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.store.run(forget_staged) {
            // It is emptied before the next use anyway.
            tracing::debug!("the staged findings could not be dropped: {error}");
        }
    }
}

/// Drops what was staged and gives its disk space back, which dropping the tables alone would not.
fn forget_staged(connection: &Connection) -> Result<(), Fault> {
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    let place: i32 = connection.pragma_query_value(None, "temp_store", |row| row.get(0))?;
    if place == TEMP_STORE_MEMORY {
        return Ok(connection.execute_batch("DROP TABLE temp.staged; DROP TABLE temp.staged_rule")?);
    }
    // Changing where temporary tables go closes the file that holds them; 0 and 1 both mean a file.
    Ok(connection.pragma_update(None, "temp_store", i32::from(place == 0))?)
}

fn stage_rule(
    connection: &Connection,
    rules: &mut HashMap<String, (Rule, [u8; 32])>,
    rule: &Rule,
) -> Result<[u8; 32], Fault> {
    if let Some((known, digest)) = rules.get(&rule.id)
        && known == rule
    {
        return Ok(*digest);
    }
    let body = json(rule)?;
    let digest: [u8; 32] = Sha256::digest(&body).into();
    connection
        .prepare_cached("INSERT OR IGNORE INTO temp.staged_rule (digest, body) VALUES (?1, ?2)")?
        .execute(params![digest, body])?;
    rules.insert(rule.id.clone(), (rule.clone(), digest));
    Ok(digest)
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|error| Fault::Other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Key, Store};

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
            replace.push(&numbered(number))?;
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
                replace.push(&numbered(number)).unwrap();
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
        replace.push(&numbered(1)).unwrap();
        let mut other = Store::open(folder.path(), &key).store;
        assert_eq!(fill(&mut other, 5).unwrap().revision, 1);
        replace.push(&numbered(2)).unwrap();
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
