//! Finds the logs of a source: a file, a folder or a glob, never outside the root.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use globset::{GlobBuilder, GlobMatcher};

use super::limits::Limits;
use super::problems::Problems;

/// Endings of logs that a folder, or a glob without an ending of its own, stands for.
pub(super) const ENDINGS: [&str; 4] = [".sarif", ".sarif.json", ".sarif.gz", ".sarif.json.gz"];
/// Ending of the files a log may be spread over.
pub(super) const EXTERNAL_ENDING: &str = ".sarif-external-properties";
/// Folders that hold other people's or generated files in great number; searched only when the pattern names them.
const PASSED_OVER: [&str; 2] = ["node_modules", ".git"];

/// What tells whether a file changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) size: u64,
    /// Nanoseconds since 1970.
    pub(super) modified: u128,
    pub(super) inode: u64,
}

impl Stamp {
    pub(super) fn of(facts: &Metadata) -> Self {
        let modified = facts.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Self { size: facts.len(), modified: modified.map_or(0, |since| since.as_nanos()), inode: inode(facts) }
    }
}

#[cfg(unix)]
fn inode(facts: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(facts)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

/// A file that is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Log {
    /// Relative to the root, `/`-separated.
    pub(super) name: String,
    pub(super) stamp: Stamp,
}

/// What a source's pattern stands for.
#[derive(Debug, Clone)]
enum Form {
    Path,
    Glob { matcher: GlobMatcher, names_the_ending: bool, base: String },
}

/// A checked pattern.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    text: String,
    form: Form,
}

impl Pattern {
    /// Checks `pattern`; the error reads on after "`path = …`".
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        let slashed = pattern.trim().replace('\\', "/");
        let mut text = slashed.trim_end_matches('/');
        while let Some(rest) = text.strip_prefix("./") {
            text = rest.trim_start_matches('/');
        }
        if text.is_empty() && !slashed.starts_with('.') {
            return Err(
                "is empty or the file system's root: name a file, a folder or a glob below the repository's root"
                    .into(),
            );
        }
        if text.starts_with('/') || text.as_bytes().get(1) == Some(&b':') {
            return Err("is absolute: name it relative to the repository's root".into());
        }
        if text.split('/').any(|part| part == "..") {
            return Err("leads out of the repository: `..` is not allowed".into());
        }
        let text = if text == "." { "" } else { text };
        if !text.contains(['*', '?', '[', '{']) {
            return Ok(Self { text: text.to_owned(), form: Form::Path });
        }
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        let glob = glob.map_err(|error| format!("is not a valid glob: {}", error.kind()))?;
        let last = text.rsplit('/').next().unwrap_or("");
        let names_the_ending = last
            .rsplit_once('.')
            .is_some_and(|(_, end)| !end.is_empty() && !end.contains(['*', '?', '[', ']', '{', '}']));
        let fixed = text.split('/').take_while(|part| !part.contains(['*', '?', '[', '{']));
        let base = fixed.collect::<Vec<_>>().join("/");
        let form = Form::Glob { matcher: glob.compile_matcher(), names_the_ending, base };
        Ok(Self { text: text.to_owned(), form })
    }

    /// Globs, relative to the root, of every file whose change may change what is read.
    pub(super) fn watched(&self) -> Vec<String> {
        let below = |folder: &str, endings: &[&str]| -> Vec<String> {
            let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            endings.iter().map(|ending| format!("{start}**/*{ending}")).collect()
        };
        match &self.form {
            Form::Glob { base, .. } => {
                let mut globs = vec![self.text.clone()];
                globs.extend(below(base, &[EXTERNAL_ENDING]));
                globs
            }
            Form::Path => {
                let mut globs = if self.text.is_empty() { Vec::new() } else { vec![self.text.clone()] };
                globs.extend(below(&self.text, &ENDINGS));
                globs.extend(below(&self.text, &[EXTERNAL_ENDING]));
                if let Some((folder, _)) = self.text.rsplit_once('/') {
                    globs.push(format!("{folder}/*{EXTERNAL_ENDING}"));
                }
                globs
            }
        }
    }

    fn accepts(&self, name: &str) -> bool {
        match &self.form {
            Form::Path => is_log(name),
            Form::Glob { matcher, names_the_ending, .. } => {
                (*names_the_ending || is_log(name)) && matcher.is_match(name)
            }
        }
    }
}

fn is_log(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.len() > ending.len() && name.ends_with(ending))
}

/// All logs below `root` that `pattern` stands for, by name.
pub(super) fn logs(root: &Path, pattern: &Pattern, limits: &Limits, problems: &mut Problems) -> Vec<Log> {
    let start = match &pattern.form {
        Form::Path => pattern.text.as_str(),
        Form::Glob { base, .. } => base.as_str(),
    };
    let Ok(real_root) = root.canonicalize() else {
        problems.add(root.display().to_string(), "cannot be opened");
        return Vec::new();
    };
    let mut search = Search { root, real_root, pattern, limits, problems, entries: 0, found: Vec::new(), full: false };
    let is_folder = fs::metadata(root.join(start)).is_ok_and(|facts| facts.is_dir());
    match &pattern.form {
        Form::Path if !is_folder => search.file(start),
        _ if is_folder && search.is_inside(start) => search.folder(start, 0),
        _ => {}
    }
    let mut found = search.found;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

struct Search<'a> {
    root: &'a Path,
    real_root: PathBuf,
    pattern: &'a Pattern,
    limits: &'a Limits,
    problems: &'a mut Problems,
    entries: usize,
    found: Vec<Log>,
    full: bool,
}

impl Search<'_> {
    fn is_inside(&mut self, name: &str) -> bool {
        let inside = self.root.join(name).canonicalize().is_ok_and(|real| real.starts_with(&self.real_root));
        if !inside {
            self.problems.add(name, "is a link out of the repository, or to nothing, and was not opened");
        }
        inside
    }

    fn file(&mut self, name: &str) {
        match stamp(self.root, name) {
            Ok(stamp) if self.found.len() < self.limits.logs => self.found.push(Log { name: name.to_owned(), stamp }),
            Ok(_) => {
                self.full = true;
                let what = format!("and later ones were not read: a source has at most {} logs", self.limits.logs);
                self.problems.add(name, what);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.problems.add(name, format!("was not opened: {error}")),
        }
    }

    fn folder(&mut self, folder: &str, depth: usize) {
        if depth > self.limits.depth {
            self.problems
                .add(folder, format!("lies more than {} folders deep and was not searched", self.limits.depth));
            return;
        }
        let mut entries = match fs::read_dir(self.root.join(folder)) {
            Ok(entries) => entries.filter_map(Result::ok).collect::<Vec<_>>(),
            Err(error) => return self.problems.add(folder, format!("could not be searched: {error}")),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if self.full {
                return;
            }
            self.entries += 1;
            if self.entries > self.limits.entries {
                self.full = true;
                let what = format!("has more than {} entries; the rest was not searched for logs", self.limits.entries);
                return self.problems.add(if folder.is_empty() { "the repository" } else { folder }, what);
            }
            let (Ok(kind), Some(last)) = (entry.file_type(), entry.file_name().to_str().map(str::to_owned)) else {
                continue;
            };
            let name = if folder.is_empty() { last.clone() } else { format!("{folder}/{last}") };
            if kind.is_dir() {
                if self.enters(&last) {
                    self.folder(&name, depth + 1);
                }
            } else if self.pattern.accepts(&name) {
                self.file(&name);
            }
        }
    }

    /// Hidden and bulky folders are for others, except `.aspm` and those that the pattern names.
    fn enters(&self, folder: &str) -> bool {
        folder == ".aspm"
            || !(folder.starts_with('.') || PASSED_OVER.contains(&folder))
            || self.pattern.text.split('/').any(|part| part == folder)
    }
}

/// Facts of a regular file inside the root.
pub(super) fn stamp(root: &Path, name: &str) -> io::Result<Stamp> {
    Ok(Stamp::of(&fs::metadata(inside(root, name)?)?))
}

/// Opens a regular file inside the root.
pub(super) fn open(root: &Path, name: &str) -> io::Result<(File, Stamp)> {
    let file = File::open(inside(root, name)?)?;
    let facts = file.metadata()?;
    // Asked again of what was opened, for it may have been swapped in between.
    if facts.is_file() { Ok((file, Stamp::of(&facts))) } else { Err(io::Error::other("it is not a regular file")) }
}

/// The real path of a regular file; a link out of the root, a device or a pipe (which would hang) is an error.
fn inside(root: &Path, name: &str) -> io::Result<PathBuf> {
    let real = root.join(name).canonicalize()?;
    if !real.starts_with(root.canonicalize()?) {
        return Err(io::Error::other("it is a link out of the repository"));
    }
    if !fs::metadata(&real)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(real)
}
