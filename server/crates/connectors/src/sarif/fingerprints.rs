//! Which of a result's fingerprints may stand for its identity.
//!
//! `correlationGuid` comes first: it is made to be shared by all sightings of one result across scans. Then each of
//! `fingerprints`, by name. Neither counts when another result of the same run carries the same one (a Semgrep log had
//! "requires login" on all of its results). `guid` names one result object of one log, and tools draw a new one each
//! run; `partialFingerprints` are parts by definition (`primaryLocationLineHash` is the same for twins but for its
//! ordinal): neither is an identity, though a partial fingerprint serves as the line's text where there is no snippet.

use std::collections::{BTreeMap, HashMap};

use finding::IdentityBuilder;
use sha2::{Digest, Sha256};

/// A fingerprint with its name, hashed.
pub(super) type Print = u128;

/// The candidates of one result, best first.
pub(super) fn candidates(correlation: Option<&str>, fingerprints: &BTreeMap<String, String>) -> Vec<Print> {
    let correlation = correlation.map(|guid| ("correlationGuid", guid));
    let others = fingerprints.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let usable = correlation.into_iter().chain(others).filter(|(_, value)| !value.trim().is_empty());
    usable.take(4).map(|(name, value)| hash(name, value)).collect()
}

fn hash(name: &str, value: &str) -> Print {
    let mut sha = Sha256::new();
    sha.update((name.len() as u64).to_le_bytes());
    sha.update(name);
    sha.update(value);
    let mut short = [0; 16];
    short.copy_from_slice(&sha.finalize()[..16]);
    u128::from_le_bytes(short)
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    run: usize,
    shared: bool,
}

/// Counts fingerprints per run. The same one in another run is the same result seen again, not a reason for distrust:
/// otherwise adding a second log would change the ids of the first one's findings.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    seen: HashMap<Print, Seen>,
    runs: usize,
}

impl Ledger {
    /// Enters all fingerprints of one run and tells `ids` of those that are new or shared.
    pub(super) fn enter(&mut self, tool: &str, prints: Vec<Print>, ids: &mut IdentityBuilder) {
        let run = self.runs;
        self.runs += 1;
        for print in prints.into_iter().map(|print| of_tool(tool, print)) {
            let mut is_news = false;
            let seen = self.seen.entry(print).or_insert_with(|| {
                is_news = true;
                Seen { run, shared: false }
            });
            if !is_news && seen.run == run && !seen.shared {
                seen.shared = true;
                is_news = true;
            }
            seen.run = run;
            if is_news {
                ids.note_fingerprint(tool, "", &name(print));
            }
        }
    }

    /// The first candidate that only one result of a run carries, as it was told to the `IdentityBuilder`.
    pub(super) fn trusted(&self, tool: &str, candidates: &[Print]) -> Option<String> {
        let mut prints = candidates.iter().map(|&print| of_tool(tool, print));
        prints.find(|print| self.seen.get(print).is_some_and(|seen| !seen.shared)).map(name)
    }
}

fn of_tool(tool: &str, print: Print) -> Print {
    hash(tool, &name(print))
}

fn name(print: Print) -> String {
    format!("{print:032x}")
}
