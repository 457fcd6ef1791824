//! `.tar.gz` to files, all of it or nothing.
//!
//! The whole stream is inflated within bounds first, so that its checksum and its end have been seen before a single
//! entry is believed: a download that was cut off is an error, never a smaller bundle.

use std::io::Read as _;

use flate2::bufread::MultiGzDecoder;
use tar::{Archive, EntryType};

use super::raw::{MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES};
use super::{Error, Raw};

/// Size of a tar block, in bytes.
const BLOCK: usize = 512;
/// Longest inflated archive: the files, and for each a few blocks of headers and padding.
const MAX_ARCHIVE_BYTES: usize = MAX_TOTAL_BYTES + MAX_FILES * 4 * BLOCK;
/// Most bytes inflated from one, beyond the first [`FREE_BYTES`]. Text rarely gets below a twentieth.
const MAX_RATIO: usize = 200;
const FREE_BYTES: usize = 4 << 20;

/// The files of a bundle that arrived as a gzipped tar archive.
pub fn unpack(archive: &[u8]) -> Result<Raw, Error> {
    let tar = inflate(archive)?;
    let mut raw = Raw::default();
    let mut end = 0;
    let mut reader = Archive::new(tar.as_slice());
    let entries = reader.entries().map_err(|error| damaged(&error))?;
    for (count, entry) in entries.enumerate() {
        let mut entry = entry.map_err(|error| damaged(&error))?;
        // Folders and notes of the archiver count too: they cost time like files.
        if count >= 2 * MAX_FILES {
            return Err(Error::TooLarge(format!("it has more than {} entries", 2 * MAX_FILES)));
        }
        let name = entry.path_bytes().into_owned();
        let size = usize::try_from(entry.size()).unwrap_or(usize::MAX);
        if size > MAX_FILE_BYTES {
            let name = String::from_utf8_lossy(&name).into_owned();
            return Err(Error::TooLarge(format!("{name:?} has more than {} MiB", MAX_FILE_BYTES >> 20)));
        }
        let start = usize::try_from(entry.raw_file_position()).unwrap_or(usize::MAX);
        end = start.saturating_add(size).next_multiple_of(BLOCK);
        match entry.header().entry_type() {
            EntryType::Regular => {
                let mut content = Vec::with_capacity(size);
                entry.read_to_end(&mut content).map_err(|error| damaged(&error))?;
                if content.len() != size {
                    return Err(cut_off());
                }
                raw.add(&name, content)?;
            }
            EntryType::Directory | EntryType::XGlobalHeader => {}
            EntryType::Symlink | EntryType::Link => return Err(special(&name, "a link")),
            other => return Err(special(&name, &format!("an entry of type {:?}", char::from(other.as_byte())))),
        }
    }
    // An archive ends with two empty blocks. Without them it was cut between two files; with something behind them
    // two readers could see different bundles.
    match tar.get(end..) {
        Some(rest) if rest.len() >= 2 * BLOCK && rest.iter().all(|byte| *byte == 0) => Ok(raw),
        Some(rest) if rest.iter().any(|byte| *byte != 0) => {
            Err(Error::Archive("something follows the end of the tar archive".to_owned()))
        }
        _ => Err(cut_off()),
    }
}

fn inflate(archive: &[u8]) -> Result<Vec<u8>, Error> {
    let limit = archive.len().saturating_mul(MAX_RATIO).saturating_add(FREE_BYTES).min(MAX_ARCHIVE_BYTES);
    let mut tar = Vec::new();
    let ceiling = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(archive).take(ceiling).read_to_end(&mut tar).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => cut_off(),
        _ => Error::Archive(format!("it is not a gzip file, or damaged ({error})")),
    })?;
    if tar.len() <= limit {
        return Ok(tar);
    }
    Err(Error::TooLarge(if limit == MAX_ARCHIVE_BYTES {
        format!("it unpacks to more than {} MiB", MAX_ARCHIVE_BYTES >> 20)
    } else {
        format!("it unpacks to more than {MAX_RATIO} times its size")
    }))
}

fn damaged(error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => cut_off(),
        _ => Error::Archive(format!("the tar archive inside is damaged ({error})")),
    }
}

fn cut_off() -> Error {
    Error::Archive("it ends before its end; download or build it again".to_owned())
}

fn special(name: &[u8], what: &str) -> Error {
    let path = String::from_utf8_lossy(&name[..name.len().min(200)]).into_owned();
    Error::Path { path, why: format!("it is {what}, and a bundle has plain files only") }
}
