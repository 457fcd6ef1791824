//! The files of a bundle before anything in them is believed: names that are safe to reason about, sizes within bounds.

use std::collections::BTreeMap;

use super::Error;

/// Largest file in a bundle, in bytes.
pub const MAX_FILE_BYTES: usize = 32 << 20;
/// Most bytes in all files of a bundle together.
pub const MAX_TOTAL_BYTES: usize = 64 << 20;
/// Most files in a bundle.
pub const MAX_FILES: usize = 10_000;

/// Longest name, in bytes.
const MAX_NAME: usize = 1024;
/// Most folders above a file.
const MAX_FOLDERS: usize = 64;

/// The files of a bundle, as they came: from an archive ([`super::unpack`]), a folder or a commit's tree.
///
/// Names are relative, `/`-separated and unique byte for byte: names that differ in case or in Unicode normalisation are
/// different files, as they are for OPA.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Raw {
    files: BTreeMap<String, Vec<u8>>,
    total: usize,
}

impl Raw {
    /// The files a caller has read: path inside the bundle and content. The caller gives every file that belongs to the
    /// bundle (`.manifest` and `.signatures.json` too) and nothing that does not, such as `.git`.
    pub fn from_files<P: AsRef<str>>(files: impl IntoIterator<Item = (P, Vec<u8>)>) -> Result<Self, Error> {
        let mut raw = Self::default();
        for (path, content) in files {
            raw.add(path.as_ref().as_bytes(), content)?;
        }
        Ok(raw)
    }

    /// Names and contents in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_str(), content.as_slice()))
    }

    /// The content of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    pub(super) fn add(&mut self, name: &[u8], content: Vec<u8>) -> Result<(), Error> {
        let path = clean(name)?;
        if content.len() > MAX_FILE_BYTES {
            return Err(Error::TooLarge(format!("{path} has more than {} MiB", MAX_FILE_BYTES >> 20)));
        }
        self.total += content.len();
        if self.total > MAX_TOTAL_BYTES {
            return Err(Error::TooLarge(format!("its files have more than {} MiB together", MAX_TOTAL_BYTES >> 20)));
        }
        if self.files.len() == MAX_FILES {
            return Err(Error::TooLarge(format!("it has more than {MAX_FILES} files")));
        }
        if self.files.contains_key(&path) {
            return Err(Error::Path { path, why: "two files have this name".to_owned() });
        }
        self.files.insert(path, content);
        Ok(())
    }
}

/// The name inside the bundle. `opa build` writes `/data.json` and `tar c .` writes `./data.json`; both mean `data.json`,
/// and nothing is ever written to a disk by these names.
pub(super) fn clean(name: &[u8]) -> Result<String, Error> {
    let refused = |why: &str| Error::Path {
        path: String::from_utf8_lossy(&name[..name.len().min(200)]).into_owned(),
        why: why.to_owned(),
    };
    let text = std::str::from_utf8(name).map_err(|_| refused("it is not UTF-8"))?;
    if text.len() > MAX_NAME {
        return Err(refused("it is too long"));
    }
    let text = text.strip_prefix("./").or_else(|| text.strip_prefix('/')).unwrap_or(text);
    if text.chars().any(char::is_control) {
        return Err(refused("it has control characters"));
    }
    if text.contains('\\') {
        return Err(refused("folders are separated by /, not \\"));
    }
    if matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic()) {
        return Err(refused("it begins with a drive letter"));
    }
    if text.split('/').count() > MAX_FOLDERS + 1 {
        return Err(refused("it lies too deep"));
    }
    for part in text.split('/') {
        match part {
            "" => return Err(refused("it is empty, or absolute, or has an empty folder name")),
            "." | ".." => return Err(refused("it points elsewhere by . or ..")),
            _ => {}
        }
    }
    Ok(text.to_owned())
}
