//! Which files of the work tree the sources read, to know what a change on disk means.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::SourceConfig;
use crate::path::is_glob;

/// A folder stands for these below it; the last are parts of a log, in files of their own.
const ENDINGS: [&str; 5] = [".sarif", ".sarif.json", ".sarif.gz", ".sarif.json.gz", ".sarif-external-properties"];

#[derive(Debug, Clone)]
pub(crate) struct Reads(GlobSet);

impl Reads {
    pub(crate) fn of(sources: &[SourceConfig]) -> Self {
        let mut set = GlobSetBuilder::new();
        for glob in sources.iter().filter(|source| source.url.is_none()).flat_map(|source| globs(&source.path)) {
            // Paths were checked when the file was parsed; a glob too large to compile reads nothing.
            if let Ok(glob) = GlobBuilder::new(&glob).literal_separator(true).build() {
                set.add(glob);
            }
        }
        Self(set.build().unwrap_or_else(|_| GlobSet::empty()))
    }

    pub(crate) fn includes(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

fn globs(path: &str) -> Vec<String> {
    if is_glob(path) {
        let fixed: Vec<&str> = path.split('/').take_while(|part| !is_glob(part)).collect();
        let folder = if fixed.is_empty() { String::new() } else { globset::escape(&fixed.join("/")) + "/" };
        return vec![path.to_owned(), format!("{folder}**/*.sarif-external-properties")];
    }
    let folder = if path == "." { String::new() } else { globset::escape(path) + "/" };
    let mut globs: Vec<String> = ENDINGS.iter().map(|ending| format!("{folder}**/*{ending}")).collect();
    globs.push(globset::escape(path));
    if let Some((parent, _)) = path.rsplit_once('/') {
        globs.push(format!("{}/*.sarif-external-properties", globset::escape(parent)));
    }
    globs
}
