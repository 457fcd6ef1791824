//! The bytes of an index file as entries: versions 2 to 4, with every length checked before it is believed.

use gix::ObjectId;
use gix::hash::Kind as HashKind;

use super::{Kind, Stat, bitmap};

/// Version 4 repeats the beginning of the path before: few bytes can stand for very many.
const MAX_PATHS: usize = 256 << 20;
const MAX_PATH: usize = 4096;

/// An entry as it is written.
pub(super) struct Raw {
    pub(super) path: Vec<u8>,
    pub(super) kind: Option<Kind>,
    pub(super) id: ObjectId,
    pub(super) stat: Stat,
    pub(super) stage: u8,
    pub(super) is_announced: bool,
    pub(super) is_sparse: bool,
}

/// A split index: which file it adds to, and how.
pub(super) struct Link {
    pub(super) shared: ObjectId,
    /// The two bitmaps, still encoded; empty when there is nothing to change.
    bitmaps: Vec<u8>,
}

/// Entries, and the link of a split index.
pub(super) struct Decoded {
    pub(super) entries: Vec<Raw>,
    pub(super) link: Option<Link>,
}

/// What is wrong with it otherwise.
pub(super) fn decode(data: &[u8], hash: HashKind) -> Result<Decoded, String> {
    let damaged = |what: &str| format!("the index is damaged: {what}");
    let body = data.len().checked_sub(hash.len_in_bytes()).ok_or_else(|| damaged("it is too short"))?;
    let (data, checksum) = data.split_at(body);
    verify(data, checksum, hash).map_err(|what| damaged(&what))?;
    let mut rest = data.strip_prefix(b"DIRC").ok_or_else(|| damaged("it does not begin with DIRC"))?;
    let cut = || damaged("it is cut off");
    let version = take_u32(&mut rest).ok_or_else(cut)?;
    if !(2..=4).contains(&version) {
        return Err(format!("the index has version {version}, and only 2 to 4 are known"));
    }
    let count = take_u32(&mut rest).ok_or_else(cut)?;
    let mut entries: Vec<Raw> = Vec::new();
    let mut paths_left = MAX_PATHS;
    for _ in 0..count {
        let before = entries.last().map_or(&[][..], |entry| &entry.path);
        let entry = take_entry(&mut rest, version, hash, before).ok_or_else(|| damaged("an entry cannot be read"))?;
        paths_left = paths_left.checked_sub(entry.path.len()).ok_or_else(|| damaged("its paths are endless"))?;
        entries.push(entry);
    }
    let link = extensions(rest, hash)?;
    Ok(Decoded { entries, link })
}

/// Puts a split index upon the shared one.
pub(super) fn join(split: Vec<Raw>, shared: Vec<Raw>, link: &Link) -> Result<Vec<Raw>, String> {
    let damaged = || "the split index is damaged: `git update-index --no-split-index` writes a whole one".to_owned();
    if link.bitmaps.is_empty() {
        return Ok(shared);
    }
    let (deleted, rest) = bitmap::decode(&link.bitmaps, shared.len()).ok_or_else(damaged)?;
    let (replaced, _) = bitmap::decode(rest, shared.len()).ok_or_else(damaged)?;
    let mut split = split.into_iter();
    let mut joined: Vec<Option<Raw>> = shared.into_iter().map(Some).collect();
    for at in replaced.set {
        let mut new = split.next().filter(|entry| entry.path.is_empty()).ok_or_else(damaged)?;
        let slot = joined.get_mut(at).ok_or_else(damaged)?;
        new.path = slot.take().ok_or_else(damaged)?.path;
        *slot = Some(new);
    }
    for at in deleted.set {
        *joined.get_mut(at).ok_or_else(damaged)? = None;
    }
    let mut entries: Vec<Raw> = joined.into_iter().flatten().chain(split).collect();
    entries.sort_by(|a, b| (&a.path, a.stage).cmp(&(&b.path, b.stage)));
    Ok(entries)
}

fn verify(data: &[u8], checksum: &[u8], hash: HashKind) -> Result<(), String> {
    // `index.skipHash` leaves it empty.
    if checksum.iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    let mut hasher = gix::hash::hasher(hash);
    hasher.update(data);
    match hasher.try_finalize() {
        Ok(id) if id.as_bytes() == checksum => Ok(()),
        _ => Err("its checksum is wrong".to_owned()),
    }
}

fn take_entry(rest: &mut &[u8], version: u32, hash: HashKind, before: &[u8]) -> Option<Raw> {
    let start = rest.len();
    let mut fields = [0_u32; 10];
    for field in &mut fields {
        *field = take_u32(rest)?;
    }
    let [changed, changed_nano, modified, modified_nano, _device, inode, mode, _user, _group, size] = fields;
    let id = ObjectId::try_from(take(rest, hash.len_in_bytes())?).ok()?;
    let flags = take_u16(rest)?;
    let extended = if flags & 0x4000 != 0 && version > 2 { take_u16(rest)? } else { 0 };
    let path = if version == 4 {
        let kept = before.len().checked_sub(take_offset(rest)?)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        let suffix = take(rest, end)?;
        take(rest, 1)?;
        if kept + suffix.len() > MAX_PATH {
            return None;
        }
        [&before[..kept], suffix].concat()
    } else {
        let end = rest.iter().position(|byte| *byte == 0).filter(|end| *end <= MAX_PATH)?;
        let path = take(rest, end)?.to_vec();
        // One to eight zeros, up to a multiple of eight.
        take(rest, 8 - (start - rest.len()) % 8)?;
        path
    };
    let kind = match mode & 0o170_000 {
        0o100_000 => Some(Kind::File),
        0o120_000 => Some(Kind::Link),
        0o160_000 => Some(Kind::Submodule),
        0o040_000 => Some(Kind::Folder),
        _ => None,
    };
    Some(Raw {
        path,
        kind,
        id,
        stat: Stat { changed: (changed, changed_nano), modified: (modified, modified_nano), inode, size },
        stage: u8::try_from(flags >> 12 & 3).ok()?,
        is_announced: extended & 0x2000 != 0,
        is_sparse: extended & 0x4000 != 0,
    })
}

/// Looks for what changes the meaning of the entries. Extensions in capitals may be ignored, others may not.
fn extensions(mut rest: &[u8], hash: HashKind) -> Result<Option<Link>, String> {
    let mut link = None;
    while !rest.is_empty() {
        let cut = || "the index is damaged: an extension is cut off".to_owned();
        let name = take(&mut rest, 4).ok_or_else(cut)?;
        let length = take_u32(&mut rest).and_then(|length| usize::try_from(length).ok()).ok_or_else(cut)?;
        let mut content = take(&mut rest, length).ok_or_else(cut)?;
        match name {
            b"link" => {
                let shared = take(&mut content, hash.len_in_bytes()).and_then(|id| ObjectId::try_from(id).ok());
                link = Some(Link { shared: shared.ok_or_else(cut)?, bitmaps: content.to_vec() });
            }
            b"sdir" => {}
            [first, ..] if first.is_ascii_uppercase() => {}
            _ => {
                let name = String::from_utf8_lossy(name).escape_debug().to_string();
                return Err(format!("the index needs the extension `{name}`, which is not known"));
            }
        }
    }
    Ok(link)
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(count)?;
    *rest = after;
    Some(taken)
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    take(rest, 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn take_u16(rest: &mut &[u8]) -> Option<u16> {
    take(rest, 2)?.try_into().ok().map(u16::from_be_bytes)
}

/// Git's number of variable length, each further byte counting from one.
fn take_offset(rest: &mut &[u8]) -> Option<usize> {
    let mut byte = *take(rest, 1)?.first()?;
    let mut value = usize::from(byte & 127);
    while byte & 128 != 0 {
        byte = *take(rest, 1)?.first()?;
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 127))?;
    }
    Some(value)
}
