//! The user's configuration, read from disk.

use std::io;
use std::path::{Path, PathBuf};

use crate::dirs::{self, Env};
use crate::{UserConfig, load};

/// What the user's configuration is, whatever state its file is in.
#[derive(Debug, Clone, Default)]
pub struct LoadedUser {
    /// The file's; empty where there is none or it is broken: no origin of a broken file counts.
    pub config: UserConfig,
    /// Mistakes in the file, one sentence each; with any, `config` is empty.
    pub problems: Vec<String>,
    /// The file, where there is one.
    pub from: Option<PathBuf>,
}

impl UserConfig {
    /// Reads the file that [`dirs::config_file`] names. Never fails.
    #[must_use]
    pub fn load(env: Env<'_>) -> LoadedUser {
        dirs::config_file(env).map_or_else(LoadedUser::default, |file| Self::load_file(&file, env))
    }

    /// Reads `file`. Never fails; a file that does not exist is an empty one.
    #[must_use]
    pub fn load_file(file: &Path, env: Env<'_>) -> LoadedUser {
        // Relative to the current folder only when `$ASPM_CONFIG` says so; then relative paths in it are as well.
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
        let text = match load::bounded(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return LoadedUser::default(),
            Err(error) => {
                let problem = format!("{}: {}", file.display(), unreadable(&error));
                return LoadedUser { config: Self::default(), problems: vec![problem], from: Some(file) };
            }
        };
        match Self::parse(&text, &file, env) {
            Ok(config) => LoadedUser { config, problems: Vec::new(), from: Some(file) },
            Err(error) => LoadedUser { config: Self::default(), problems: error.lines().collect(), from: Some(file) },
        }
    }
}

/// An error of the system lacks a verb; ours have one.
pub(super) fn unreadable(error: &io::Error) -> String {
    if error.raw_os_error().is_some() { format!("cannot be read: {error}") } else { error.to_string() }
}
