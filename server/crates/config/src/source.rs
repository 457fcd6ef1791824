//! `[[source]]` of `aspm.toml`: the kinds of source, and what each needs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::origin::http_url;
use crate::path;

/// A place findings come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceConfig {
    /// Stable name, part of every finding's id.
    pub name: String,
    /// What speaks to it.
    pub kind: SourceKind,
    /// File, folder or glob, relative to the root, `/` as separator; `.` is the root. Empty when the source has a `url`.
    pub path: String,
    /// The server, or the log behind `http(s)`. Naming it allows no request: only the user's configuration does.
    pub url: Option<Url>,
    /// The product's name on the server; without it, it is found by the repository's URL.
    pub product: Option<String>,
    /// The engagement's name in the product; without it, all of them.
    pub engagement: Option<String>,
}

impl SourceConfig {
    /// Whether it lies behind the network.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.url.is_some()
    }

    /// A source that reads files of the repository.
    #[must_use]
    pub fn files(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: SourceKind::Sarif,
            path: path.into(),
            url: None,
            product: None,
            engagement: None,
        }
    }
}

/// The kinds of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// SARIF 2.1.0 logs, on disk or behind a URL.
    Sarif,
    /// A product of a DefectDojo server.
    DefectDojo,
}

impl SourceKind {
    /// The word in `aspm.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sarif => "sarif",
            Self::DefectDojo => "defectdojo",
        }
    }
}

/// A place findings come from.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceTable {
    /// Stable name, part of every finding's id: 1 to 40 of a-z, 0-9, `_` and `-`. Defaults to the kind.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// What kind of source it is.
    pub(crate) kind: SourceKind,
    /// For `sarif`: the logs on disk, a file, a folder or a glob, relative to the repository's root. Or `url`.
    #[serde(default)]
    path: Option<String>,
    /// For `sarif`: one log behind http(s), instead of `path`. For `defectdojo`: the server. Only an origin that the
    /// user's own configuration lists is ever asked.
    #[serde(default)]
    url: Option<String>,
    /// For `defectdojo`: the product's name. Without it, it is found by the repository's URL.
    #[serde(default)]
    product: Option<String>,
    /// For `defectdojo`: the engagement's name. Without it, all of the product's.
    #[serde(default)]
    engagement: Option<String>,
}

impl SourceTable {
    /// The source, once `problem(key, what)` was told of each mistake; `what` reads on after the key's name.
    pub(crate) fn source(&self, name: String, mut problem: impl FnMut(&str, &str)) -> SourceConfig {
        match self.kind {
            SourceKind::Sarif => {
                match (&self.path, &self.url) {
                    (None, None) => problem("kind", "\"sarif\" needs one more key: `path` or `url`"),
                    (Some(_), Some(_)) => problem("url", "cannot stand beside `path`: a source is one or the other"),
                    _ => {}
                }
                for (key, value) in [("product", &self.product), ("engagement", &self.engagement)] {
                    if value.is_some() {
                        problem(key, "has no meaning for kind \"sarif\"");
                    }
                }
            }
            SourceKind::DefectDojo => {
                if self.url.is_none() {
                    problem("kind", "\"defectdojo\" needs one more key: `url`");
                }
                if self.path.is_some() {
                    problem("path", "has no meaning for kind \"defectdojo\"");
                }
            }
        }
        if let Some(path) = &self.path
            && let Err(why) = path::pattern(path)
        {
            problem("path", &why);
        }
        let url = self.url.as_deref().and_then(|url| http_url(url).map_err(|why| problem("url", &why)).ok());
        if self.kind == SourceKind::DefectDojo && url.as_ref().is_some_and(|url| url.query().is_some()) {
            problem("url", "must have no ? part: it is the server's address");
        }
        for (key, value) in [("product", &self.product), ("engagement", &self.engagement)] {
            if let Some(Err(why)) = value.as_deref().map(crate::document::word) {
                problem(key, &why);
            }
        }
        let path = self.path.as_deref().map_or_else(String::new, |path| path::trimmed(path).to_owned());
        SourceConfig {
            name,
            kind: self.kind,
            path,
            url,
            product: self.product.clone(),
            engagement: self.engagement.clone(),
        }
    }
}
