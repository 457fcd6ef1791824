//! What is kept of a bundle between runs: the last good archive, and what its server calls it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The folder of one bundle in the cache.
pub(crate) struct Kept(PathBuf);

/// What is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    /// Where it is from.
    pub(crate) origin: String,
    /// The highest sequence that was in force, as earlier versions kept it.
    #[serde(skip_serializing)]
    pub(crate) sequence: Option<u64>,
    /// The server's name for the content that is kept.
    pub(crate) etag: Option<String>,
    /// When it was last read from there successfully, RFC 3339.
    pub(crate) synced_at: Option<String>,
}

impl Kept {
    pub(crate) fn at(cache: &Path, key: &str) -> Self {
        use std::hash::{DefaultHasher, Hash, Hasher};
        // Two hashes with different starts: a clash would mix up two bundles.
        let hash = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, key).hash(&mut hasher);
            hasher.finish()
        };
        Self(cache.join("policy").join(format!("{:016x}{:016x}", hash(0), hash(1))))
    }

    pub(crate) fn state(&self) -> State {
        let text = fs::read(self.0.join("state.json")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Changes what is known; without a disk to write to, it is known until the process ends.
    pub(crate) fn remember(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        let written = serde_json::to_vec_pretty(&state).map_err(io::Error::other);
        if let Err(error) = written.and_then(|text| self.write("state.json", &text)) {
            tracing::warn!(%error, "what is known of a policy bundle cannot be kept");
        }
    }

    /// The last good archive.
    pub(crate) fn archive(&self) -> io::Result<Vec<u8>> {
        fs::read(self.0.join("bundle.tar.gz"))
    }

    /// The files of the last good bundle that lay on disk.
    pub(crate) fn files(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        serde_json::from_slice(&fs::read(self.0.join("files.json"))?).map_err(io::Error::other)
    }

    pub(crate) fn keep_files(&self, files: &[(&str, &[u8])]) -> io::Result<()> {
        self.write("files.json", &serde_json::to_vec(files).map_err(io::Error::other)?)
    }

    pub(crate) fn keep(&self, archive: &[u8]) -> io::Result<()> {
        self.write("bundle.tar.gz", archive)
    }

    /// Whole or not at all.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&self.0)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        io::Write::write_all(&mut file, bytes)?;
        file.persist(self.0.join(name)).map(drop).map_err(|error| error.error)
    }
}
