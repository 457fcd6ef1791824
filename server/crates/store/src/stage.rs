//! New content staged apart, then brought in by one transaction.
//!
//! Staging happens in temporary tables, so it may take as long as the network likes without keeping any other process
//! from writing. Bringing in touches only what differs: a source read again with three new results writes three rows.

use std::collections::HashMap;
use std::time::Duration;

use finding::{Finding, FindingId, RowFacts, Rule};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use crate::error::Fault;
use crate::index::{each_row, kind_code, severity_code, status_code};
use crate::packed::Packer;
use crate::{Error, SourceMeta, Store, meta, read};

/// `gone` waits to be deleted, and after that `staged` to be brought in; `came` is what [`Staging::save`] brought in already.
const STAGE: &str = "
CREATE TEMP TABLE IF NOT EXISTS staged (id TEXT PRIMARY KEY, rule, path, message, tool, line, severity, status, kind,
    rule_digest, body);
CREATE TEMP TABLE IF NOT EXISTS staged_rule (digest BLOB PRIMARY KEY, body);
CREATE TEMP TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS came (id TEXT PRIMARY KEY) WITHOUT ROWID;
DELETE FROM temp.staged;
DELETE FROM temp.staged_rule;
DELETE FROM temp.gone;
DELETE FROM temp.came;
BEGIN";

/// Kilobytes of pages in memory: ids come in no order, and what does not fit is written and read again and again.
const ROOM_TO_STAGE: &str = "PRAGMA temp.cache_size = -16000";
const ROOM_TO_WRITE: &str = "PRAGMA main.cache_size = -24000; PRAGMA temp.cache_size = -2000";
const ROOM_TO_READ: &str = "PRAGMA main.cache_size = -2000";

const FORGET: &str = "DROP TABLE temp.staged; DROP TABLE temp.staged_rule; DROP TABLE temp.gone; DROP TABLE temp.came";

const DELETE_NAMED: [&str; 2] = [
    "DELETE FROM detail WHERE number IN (SELECT number FROM finding WHERE id IN (SELECT id FROM temp.gone))",
    "DELETE FROM finding WHERE id IN (SELECT id FROM temp.gone)",
];

const DELETE_OTHERS: [&str; 2] = [
    "DELETE FROM detail WHERE number IN (SELECT number FROM finding
     WHERE id NOT IN (SELECT id FROM temp.staged) AND id NOT IN (SELECT id FROM temp.came))",
    "DELETE FROM finding WHERE id NOT IN (SELECT id FROM temp.staged) AND id NOT IN (SELECT id FROM temp.came)",
];

const BRING_IN: [&str; 3] = [
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
];

const KEEP_STAGED_RULES: &str = "DELETE FROM rule WHERE digest NOT IN (SELECT digest FROM temp.staged_rule)";

/// Which rules are still in use is told by reading all details, so it is asked only when there must be some that are not.
const KEEP_USED_RULES: &str = "DELETE FROM rule WHERE digest NOT IN (SELECT rule_digest FROM detail)
     AND (SELECT count(*) FROM rule) > (SELECT count(*) FROM finding)";

const HAVE_COME: &str = "INSERT OR IGNORE INTO temp.came SELECT id FROM temp.staged;
     DELETE FROM temp.staged; DELETE FROM temp.gone";

/// `PRAGMA temp_store`: temporary tables stay in memory.
pub(crate) const TEMP_STORE_MEMORY: i32 = 2;

/// What the staged findings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything: what was not staged goes.
    Whole,
    /// New and changed ones: what was not staged stays.
    Changes,
}

/// Content that nobody sees yet. Dropping it forgets it.
#[derive(Debug)]
pub(crate) struct Staging<'s> {
    store: &'s mut Store,
    /// The rule last seen under each id, with its digest: findings of one rule mostly share its text.
    rules: HashMap<String, (Rule, [u8; 32])>,
    has_saved: bool,
}

impl<'s> Staging<'s> {
    pub(crate) fn begin(store: &'s mut Store) -> Result<Self, Error> {
        store.run(|connection| {
            connection.execute_batch(ROOM_TO_STAGE)?;
            Ok(connection.execute_batch(STAGE)?)
        })?;
        Ok(Self { store, rules: HashMap::new(), has_saved: false })
    }

    /// Stages one finding; of two with the same id the later one counts.
    pub(crate) fn put(&mut self, mut finding: Finding) -> Result<(), Error> {
        let Self { store, rules, .. } = self;
        store.run(|connection| {
            let digest = stage_rule(connection, rules, &finding.rule)?;
            let rule = std::mem::take(&mut finding.rule);
            let body = json(&finding)?;
            finding.rule = rule;
            let facts = RowFacts::of(&finding);
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

    /// Stages that a finding goes, whether it is there or not.
    pub(crate) fn remove(&mut self, id: &FindingId) -> Result<(), Error> {
        self.store.run(|connection| {
            for sql in [
                "DELETE FROM temp.staged WHERE id = ?1",
                "DELETE FROM temp.came WHERE id = ?1",
                "INSERT OR IGNORE INTO temp.gone VALUES (?1)",
            ] {
                connection.prepare_cached(sql)?.execute([id.as_str()])?;
            }
            Ok(())
        })
    }

    /// The finding as it is stored, without anything staged.
    pub(crate) fn stored(&self, id: &FindingId) -> Result<Option<Finding>, Error> {
        self.store.run(|connection| read::one(connection, id))
    }

    /// Brings in what was staged so far, under the source's state as it is stored. Without `packs` the packed index is left
    /// behind.
    pub(crate) fn save(&mut self, packs: bool) -> Result<(), Error> {
        self.store.run_mut(|connection| {
            if !connection.is_autocommit() {
                connection.execute_batch("COMMIT")?;
            }
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let changed = run(&transaction, &DELETE_NAMED)? + run(&transaction, &BRING_IN)?;
            transaction.execute_batch(HAVE_COME)?;
            if changed > 0
                && let Some(mut meta) = meta::read(&transaction)?
            {
                meta.findings = count(&transaction)?;
                meta.revision += 1;
                if packs {
                    write_packed(&transaction, meta.revision, pack(&transaction, "finding")?.0)?;
                }
                meta::write(&transaction, &meta)?;
            }
            transaction.commit()?;
            Ok(connection.execute_batch("BEGIN")?)
        })?;
        self.has_saved = true;
        Ok(())
    }

    /// Brings in everything staged with `meta`, in one step, and returns `meta` as stored. With `is_quiet` a commit that
    /// changes nothing a reader may see leaves the revision as it is.
    pub(crate) fn commit(self, mut meta: SourceMeta, extent: Extent, is_quiet: bool) -> Result<SourceMeta, Error> {
        // Packed before anybody is kept from writing, where what was staged is all there will be.
        let is_all_staged = extent == Extent::Whole && !self.has_saved;
        self.store.run_mut(|connection| {
            if !connection.is_autocommit() {
                connection.execute_batch("COMMIT")?;
            }
            connection.execute_batch(ROOM_TO_WRITE)?;
            let early = if is_all_staged { Some(pack(connection, "temp.staged")?) } else { None };

            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let before = meta::read(&transaction)?;
            let (deletions, rules) = match extent {
                Extent::Whole => (&DELETE_OTHERS, KEEP_STAGED_RULES),
                Extent::Changes => (&DELETE_NAMED, KEEP_USED_RULES),
            };
            let changed = run(&transaction, deletions)? + run(&transaction, &BRING_IN)?;
            transaction.execute(rules, [])?;
            let seen = before.filter(|before| is_quiet && changed == 0 && looks_alike(before, &meta));
            if let Some(before) = seen
                && (before.findings == 0 || is_packed(&transaction, before.revision)?)
            {
                meta.revision = before.revision;
                meta.findings = before.findings;
            } else {
                let (parts, findings) = match early {
                    Some(packed) => packed,
                    None => pack(&transaction, "finding")?,
                };
                meta.revision = meta::revision(&transaction)? + 1;
                meta.findings = findings;
                write_packed(&transaction, meta.revision, parts)?;
            }
            meta::write(&transaction, &meta)?;
            Ok(transaction.commit()?)
        })?;
        self.store.run(take_over_log)?;
        Ok(meta)
    }
}

/// Moves what was written into the file itself, so that the next to open it need not read the log; where a reader is in
/// the way it is left for later.
fn take_over_log(connection: &Connection) -> Result<(), Fault> {
    let patience: u32 = connection.query_row("PRAGMA busy_timeout", [], |row| row.get(0))?;
    connection.busy_timeout(Duration::ZERO)?;
    let done = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    connection.busy_timeout(Duration::from_millis(u64::from(patience)))?;
    if let Err(error) = done {
        tracing::debug!(%error, "the log stays beside the cache");
    }
    Ok(())
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.store.run(forget_staged) {
            // It is emptied before the next use anyway.
            tracing::debug!("the staged findings could not be dropped: {error}");
        }
    }
}

/// How many rows of `finding` and `detail` the statements touched; rules alone are nothing that anybody sees.
fn run(transaction: &Transaction<'_>, statements: &[&str]) -> Result<usize, Fault> {
    let mut touched = 0;
    for sql in statements {
        let rows = transaction.execute(sql, [])?;
        touched += if sql.contains("INTO rule") { 0 } else { rows };
    }
    Ok(touched)
}

/// Whether two states of a source differ only in where its reading goes on and when it was read.
fn looks_alike(before: &SourceMeta, after: &SourceMeta) -> bool {
    let after = SourceMeta {
        revision: before.revision,
        findings: before.findings,
        cursor: before.cursor.clone(),
        synced_at: before.synced_at.clone(),
        ..after.clone()
    };
    *before == after
}

fn count(connection: &Connection) -> Result<usize, Fault> {
    let count: i64 = connection.query_row("SELECT count(*) FROM finding", [], |row| row.get(0))?;
    usize::try_from(count).map_err(|error| Fault::corrupt(error.to_string()))
}

fn pack(connection: &Connection, table: &str) -> Result<(Vec<Vec<u8>>, usize), Fault> {
    let (mut packer, mut findings) = (Packer::default(), 0);
    each_row(connection, table, |facts| {
        packer.push(&facts);
        findings += 1;
        Ok(())
    })?;
    Ok((packer.finish(), findings))
}

fn is_packed(connection: &Connection, revision: u64) -> Result<bool, Fault> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE revision IS NOT ?1) FROM packed";
    let revision = i64::try_from(revision).map_err(|_| Fault::corrupt("the revision counter ran over"))?;
    let (parts, others): (i64, i64) = connection.query_row(sql, [revision], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(parts > 0 && others == 0)
}

fn write_packed(transaction: &Transaction<'_>, revision: u64, parts: Vec<Vec<u8>>) -> Result<(), Fault> {
    transaction.execute("DELETE FROM packed", [])?;
    let revision = i64::try_from(revision).map_err(|_| Fault::corrupt("the revision counter ran over"))?;
    for part in parts {
        transaction.execute("INSERT INTO packed (revision, bytes) VALUES (?1, ?2)", params![revision, part])?;
    }
    Ok(())
}

/// Drops what was staged and gives its disk space back, which dropping the tables alone would not.
fn forget_staged(connection: &Connection) -> Result<(), Fault> {
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    connection.execute_batch(ROOM_TO_READ)?;
    let place: i32 = connection.pragma_query_value(None, "temp_store", |row| row.get(0))?;
    if place == TEMP_STORE_MEMORY {
        return Ok(connection.execute_batch(FORGET)?);
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
