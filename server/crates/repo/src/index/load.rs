//! From an index file to one entry for each path.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use gix::hash::Kind as HashKind;

use super::decode::{self, Raw};
use super::{Entry, Index, Kind, State};
use crate::guard;

/// About two million files.
const MAX_INDEX: u64 = 256 << 20;

/// The index read last, for as long as the file is the same one.
#[derive(Default)]
pub(crate) struct Cache {
    last: Mutex<Option<(Stamp, Arc<Index>)>>,
}

/// What tells one content of an index file from another.
#[derive(PartialEq, Eq)]
struct Stamp {
    path: PathBuf,
    bytes: u64,
    modified: SystemTime,
    checksum: Vec<u8>,
}

impl Cache {
    /// [`load`], or what it gave the last time.
    pub(crate) fn load(&self, path: &Path, hash: HashKind) -> Result<Arc<Index>, String> {
        guard::check(path, MAX_INDEX)?;
        let stamp = stamp(path, hash);
        if let Some((known, index)) = &*self.last.lock().unwrap_or_else(PoisonError::into_inner)
            && Some(known) == stamp.as_ref()
        {
            return Ok(index.clone());
        }
        let index = Arc::new(load(path, hash)?);
        // Taken before reading: a file that changes meanwhile is read again the next time.
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = stamp.map(|stamp| (stamp, index.clone()));
        Ok(index)
    }
}

/// `None` where there is no file, or one without a checksum.
fn stamp(path: &Path, hash: HashKind) -> Option<Stamp> {
    let mut file = std::fs::File::open(path).ok()?;
    let meta = file.metadata().ok()?;
    file.seek(SeekFrom::End(-i64::try_from(hash.len_in_bytes()).ok()?)).ok()?;
    let mut checksum = vec![0; hash.len_in_bytes()];
    file.read_exact(&mut checksum).ok()?;
    let has_checksum = checksum.iter().any(|byte| *byte != 0);
    let stamp = Stamp { path: path.to_path_buf(), bytes: meta.len(), modified: meta.modified().ok()?, checksum };
    has_checksum.then_some(stamp)
}

/// Reads the index at `path`; an empty one where there is no file. `Err`: what is wrong, in words.
fn load(path: &Path, hash: HashKind) -> Result<Index, String> {
    let Some((data, written)) = read(path)? else { return Ok(Index::default()) };
    let decoded = decode::decode(&data, hash)?;
    let raw = match decoded.link {
        // Git writes an id of zeros when the entries are all here.
        Some(link) if !link.shared.is_null() => {
            let shared = path.with_file_name(format!("sharedindex.{}", link.shared));
            let missing = || format!("the split index needs {}, which is not there", shared.display());
            let (data, _) = read(&shared)?.ok_or_else(missing)?;
            decode::join(decoded.entries, decode::decode(&data, hash)?.entries, &link)?
        }
        _ => decoded.entries,
    };
    let is_ordered = raw.is_sorted_by(|a, b| (&a.path, a.stage) < (&b.path, b.stage));
    if !is_ordered {
        return Err("the index is damaged: its entries are not in order".to_owned());
    }
    let entries = one_for_each_path(raw);
    let has_folders = entries.iter().any(|entry| entry.kind == Kind::Folder);
    Ok(Index { entries, written, has_folders })
}

type Loaded = (Vec<u8>, (u32, u32));

fn read(path: &Path) -> Result<Option<Loaded>, String> {
    guard::check(path, MAX_INDEX)?;
    let failed = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let modified = file.metadata().and_then(|meta| meta.modified()).map_err(failed)?;
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut data = Vec::new();
    file.take(MAX_INDEX).read_to_end(&mut data).map_err(failed)?;
    Ok(Some((data, (low_bits(since.as_secs()), since.subsec_nanos()))))
}

/// The low 32 bits, which are what git keeps of sizes and times.
pub(crate) fn low_bits(number: u64) -> u32 {
    u32::try_from(number & 0xffff_ffff).unwrap_or(u32::MAX)
}

fn one_for_each_path(raw: Vec<Raw>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::with_capacity(raw.len());
    for raw in raw {
        let (Ok(path), Some(kind)) = (String::from_utf8(raw.path), raw.kind) else { continue };
        let known = entries.last_mut().filter(|last| *last.path == *path);
        let is_ours = matches!(raw.stage, 0 | 2);
        if known.is_some() && !is_ours {
            continue;
        }
        let state = match raw.stage {
            0 if raw.is_announced => State::Announced,
            0 if raw.is_sparse => State::Sparse,
            0 => State::Plain,
            2 => State::Open,
            _ => State::OpenWithoutOurs,
        };
        let entry = Entry { path: path.into(), kind, id: raw.id, stat: raw.stat, state };
        match known {
            Some(known) => *known = entry,
            None => entries.push(entry),
        }
    }
    entries
}
