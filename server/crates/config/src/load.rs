//! A root's `aspm.toml`, read from disk without trusting it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::Config;
use crate::bundle::BundlePlace;
use crate::path::reaches_dot_aspm;

/// The file's name, at the root.
pub const FILE_NAME: &str = "aspm.toml";
/// The largest file that is read, in bytes (1 MiB).
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// What a root's configuration is, whatever state its file is in.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The file's, or the default where there is none or it is broken: sources of a broken file do not count.
    pub config: Config,
    /// Mistakes in the file and what was left out, one sentence each.
    pub problems: Vec<String>,
    /// The file, where there is one.
    pub from: Option<PathBuf>,
}

impl Config {
    /// Reads `aspm.toml` at `root`. Never fails. Unless `workspace_trusted`, nothing below `.aspm/` is a source or a
    /// bundle, and nothing behind a URL.
    #[must_use]
    pub fn load(root: &Path, workspace_trusted: bool) -> Loaded {
        let mut problems = Vec::new();
        let file = root.join(FILE_NAME);
        let mut config = None;
        let from = match read(root, &file) {
            Ok(None) => None,
            Ok(Some(text)) => {
                match Self::parse(&text, FILE_NAME) {
                    Ok(parsed) => config = Some(parsed),
                    Err(error) => problems.extend(error.lines()),
                }
                Some(file)
            }
            Err(error) => {
                problems.push(format!("{FILE_NAME}: {error}"));
                Some(file)
            }
        };
        let named = config.as_ref().is_some_and(Self::names_sources);
        let mut config = config.unwrap_or_else(Self::default_for_root);
        if !workspace_trusted {
            config.retain_sources(|source| {
                if let Some(url) = &source.url {
                    problems.push(format!(
                        "Source \"{}\" ({url}) is not asked: this workspace is not trusted.",
                        source.name
                    ));
                    return false;
                }
                let keep = !reaches_dot_aspm(&source.path);
                if !keep && named {
                    problems.push(format!(
                        "Source \"{}\" ({}) is not read: it can lie below .aspm/, and this workspace is not trusted.",
                        source.name, source.path
                    ));
                } else if !keep {
                    problems.push("Findings below .aspm/ are not read: this workspace is not trusted.".to_owned());
                }
                keep
            });
            config.policy_bundle.take_if(|bundle| {
                let drop = match bundle {
                    BundlePlace::Url(_) => true,
                    BundlePlace::Path(path) => path.to_str().is_none_or(reaches_dot_aspm),
                };
                if drop {
                    problems.push(format!("Policy bundle {bundle} is not used: this workspace is not trusted."));
                }
                drop
            });
        }
        Loaded { config, problems, from }
    }

    fn names_sources(&self) -> bool {
        self.sources != Self::default_for_root().sources
    }
}

/// `None` when there is no such file.
fn read(root: &Path, file: &Path) -> io::Result<Option<String>> {
    let real = match file.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound && file.symlink_metadata().is_err() => return Ok(None),
        Err(error) => return Err(io::Error::other(format!("cannot be read: {error}"))),
    };
    if !real.starts_with(root.canonicalize()?) {
        return Err(io::Error::other("is a link out of the repository and was not read"));
    }
    bounded(&real).map(Some)
}

/// The text of a regular file of at most [`MAX_FILE_BYTES`]. The error reads on after the file's name.
pub(crate) fn bounded(real: &Path) -> io::Result<String> {
    // Before it is opened: opening a pipe would wait for a writer.
    let facts = real.metadata()?;
    if !facts.is_file() {
        return Err(io::Error::other("is not a regular file and was not read"));
    }
    if facts.len() > MAX_FILE_BYTES {
        return Err(io::Error::other(format!("has more than {MAX_FILE_BYTES} bytes and was not read")));
    }
    let mut bytes = Vec::new();
    File::open(real)
        .and_then(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut bytes))
        .map_err(|error| io::Error::other(format!("cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|_| io::Error::other("is not UTF-8 text and was not read"))
}
