//! Whole findings, by path or by id.

use std::collections::HashMap;

use finding::{Finding, FindingId, Rule};
use rusqlite::{CachedStatement, Connection, Params};

use crate::error::Fault;
use crate::{Error, Store};

const BY_PATH: &str = "SELECT id, path, rule_digest, body FROM finding JOIN detail USING (number) \
                       WHERE path = ?1 ORDER BY line, id";
const BY_ID: &str = "SELECT id, path, rule_digest, body FROM finding JOIN detail USING (number) WHERE id = ?1";

impl Store {
    /// All findings whose path, as scanned, is one of `scanned_paths` (`""`: those without), path by path in the order
    /// asked, each in order of line and id. All from one revision.
    pub fn findings_at(&self, scanned_paths: &[&str]) -> Result<Vec<Finding>, Error> {
        self.run(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            let mut reader = Reader::new(&snapshot)?;
            let mut statement = snapshot.prepare_cached(BY_PATH)?;
            let mut found = Vec::new();
            for path in scanned_paths {
                reader.read(&mut statement, [path], &mut found)?;
            }
            Ok(found)
        })
    }

    /// One finding; `None` when the cache does not have it.
    pub fn finding(&self, id: &FindingId) -> Result<Option<Finding>, Error> {
        self.run(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            one(&snapshot, id)
        })
    }
}

/// One finding, in whatever transaction is open.
pub(crate) fn one(connection: &Connection, id: &FindingId) -> Result<Option<Finding>, Fault> {
    let mut found = Vec::new();
    Reader::new(connection)?.read(&mut connection.prepare_cached(BY_ID)?, [id.as_str()], &mut found)?;
    Ok(found.pop())
}

/// Puts findings and the rules they share together again.
struct Reader<'c> {
    rule_body: CachedStatement<'c>,
    rules: HashMap<Vec<u8>, Rule>,
}

impl<'c> Reader<'c> {
    fn new(connection: &'c Connection) -> Result<Self, Fault> {
        let rule_body = connection.prepare_cached("SELECT body FROM rule WHERE digest = ?1")?;
        Ok(Self { rule_body, rules: HashMap::new() })
    }

    fn read(
        &mut self,
        statement: &mut CachedStatement<'_>,
        params: impl Params,
        found: &mut Vec<Finding>,
    ) -> Result<(), Fault> {
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            let (id, path): (String, String) = (row.get(0)?, row.get(1)?);
            let broken = |what: &dyn std::fmt::Display| Fault::corrupt(format!("finding {id}: {what}"));
            let body = row.get_ref(3)?.as_blob().map_err(|error| broken(&error))?;
            let mut finding: Finding = serde_json::from_slice(body).map_err(|error| broken(&error))?;
            if finding.id.as_str() != id || finding.evidence.path.as_deref().unwrap_or("") != path {
                return Err(broken(&"its details are another finding's"));
            }
            finding.rule = self.rule(row.get(2)?)?;
            found.push(finding);
        }
        Ok(())
    }

    fn rule(&mut self, digest: Vec<u8>) -> Result<Rule, Fault> {
        if let Some(rule) = self.rules.get(&digest) {
            return Ok(rule.clone());
        }
        let mut rows = self.rule_body.query([&digest])?;
        let row = rows.next()?.ok_or_else(|| Fault::corrupt("a finding's rule is missing"))?;
        let body = row.get_ref(0)?.as_blob().map_err(|error| Fault::corrupt(format!("a rule: {error}")))?;
        let rule: Rule = serde_json::from_slice(body).map_err(|error| Fault::corrupt(format!("a rule: {error}")))?;
        self.rules.insert(digest, rule.clone());
        Ok(rule)
    }
}
