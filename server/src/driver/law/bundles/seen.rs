//! The highest sequence of each bundle that was ever in force here: what tells a replay.
//!
//! Kept in the data folder, for it cannot be fetched again: clearing the cache must not make an old bundle good.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// The memory of one machine's user.
pub(super) struct Seen(PathBuf);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    /// By place.
    sequences: BTreeMap<String, u64>,
}

impl Default for Document {
    fn default() -> Self {
        Self { version: 1, sequences: BTreeMap::new() }
    }
}

impl Seen {
    pub(super) fn at(data: &Path) -> Self {
        Self(data.join("policy-sequences.json"))
    }

    /// The highest one of a place. Fails rather than forget: what cannot be read may have been higher.
    pub(super) fn of(&self, place: &str) -> Result<Option<u64>, String> {
        Ok(self.read()?.sequences.get(place).copied())
    }

    /// Makes `sequence` the highest one of a place, unless a higher one is known.
    pub(super) fn raise(&self, place: &str, sequence: u64) -> Result<(), String> {
        let told = |error: io::Error| format!("{} cannot be written: {error}", self.0.display());
        let folder = self.0.parent().unwrap_or(Path::new("."));
        let mut maker = fs::DirBuilder::new();
        maker.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
        maker.create(folder).map_err(told)?;
        // One process at a time, or the lower of two could be the last to write.
        let lock = File::options().create(true).truncate(false).write(true).open(self.0.with_extension("lock"));
        let lock = lock.map_err(told)?;
        lock.lock().map_err(told)?;
        let mut document = self.read()?;
        let known = document.sequences.entry(place.to_owned()).or_insert(sequence);
        *known = sequence.max(*known);
        let text = serde_json::to_vec_pretty(&document).map_err(|error| told(io::Error::other(error)))?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(told)?;
        io::Write::write_all(&mut file, &text).map_err(told)?;
        file.persist(&self.0).map(drop).map_err(|error| told(error.error))
    }

    fn read(&self) -> Result<Document, String> {
        let failed = |why: &dyn std::fmt::Display| {
            format!(
                "{}, which remembers the bundles that were in force, cannot be read: {why}. Mend it, or delete it to let \
                 older bundles count again",
                self.0.display()
            )
        };
        match fs::metadata(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Document::default()),
            Ok(meta) if !meta.is_file() || meta.len() > MAX_BYTES => return Err(failed(&"it is no file of its kind")),
            _ => {}
        }
        let bytes = fs::read(&self.0).map_err(|error| failed(&error))?;
        let document: Document = serde_json::from_slice(&bytes).map_err(|error| failed(&error))?;
        if document.version == 1 { Ok(document) } else { Err(failed(&"it is of a newer aspm-lsp")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_sequence_of_each_place_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let seen = Seen::at(&folder.path().join("data"));
        assert_eq!(seen.of("a"), Ok(None));
        for (place, sequence) in [("a", 7), ("b", 1), ("a", 3)] {
            seen.raise(place, sequence).expect("written");
        }
        assert_eq!((seen.of("a"), seen.of("b"), seen.of("c")), (Ok(Some(7)), Ok(Some(1)), Ok(None)));
    }

    #[test]
    fn a_memory_that_cannot_be_read_is_no_empty_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let seen = Seen::at(folder.path());
        for text in ["", "{", r#"{"version": 2, "sequences": {}}"#] {
            fs::write(&seen.0, text).expect("written");
            assert!(seen.of("a").unwrap_err().contains("policy-sequences.json"), "{text:?}");
            assert!(seen.raise("a", 1).is_err(), "{text:?}");
        }
    }
}
