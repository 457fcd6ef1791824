//! Where a policy bundle lies: a folder or archive, or a URL.

use std::fmt;
use std::path::PathBuf;

use url::Url;

/// Where a policy bundle lies. Displayed as it would be written in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BundlePlace {
    /// A folder or a `.tar.gz`: relative to the repository's root when named by `aspm.toml`, absolute when named by
    /// the user.
    Path(PathBuf),
    /// A `.tar.gz` behind `http(s)`; reachable only when the user lists its origin.
    Url(Url),
}

impl fmt::Display for BundlePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Url(url) => url.fmt(f),
        }
    }
}

/// Whether a text means a URL rather than a path.
pub(crate) fn is_url(text: &str) -> bool {
    text.contains("://")
}
