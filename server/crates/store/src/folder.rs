//! The cache folder: ours alone, private, on a disk of this machine. Anything else is a reason to stay in memory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Makes sure of the folder, creating it where needed. The answer is its canonical path; an error says in a sentence
/// fragment why the folder cannot be used.
pub(crate) fn prepare(dir: &Path, network: fn(&Path) -> Option<&'static str>) -> Result<PathBuf, String> {
    let folder = prepare_anywhere(dir)?;
    if let Some(system) = network(dir) {
        return Err(format!(
            "{} is on a network file system ({system}), where it cannot be shared safely",
            dir.display()
        ));
    }
    Ok(folder)
}

/// The same wherever the folder is.
pub(crate) fn prepare_anywhere(dir: &Path) -> Result<PathBuf, String> {
    create(dir).map_err(|error| format!("the folder {} could not be created ({error})", dir.display()))?;
    let facts = fs::symlink_metadata(dir).map_err(|error| format!("{} could not be read ({error})", dir.display()))?;
    if facts.is_symlink() {
        return Err(format!("{} is a symbolic link; name the folder itself", dir.display()));
    }
    if !facts.is_dir() {
        return Err(format!("{} is not a folder", dir.display()));
    }
    make_private(dir, &facts, 0o700)?;
    if !cfg!(unix) {
        return Ok(dir.to_owned());
    }
    // The database may be opened without following links only when none leads to its folder.
    dir.canonicalize().map_err(|error| format!("{} could not be resolved ({error})", dir.display()))
}

/// Makes sure of the database file: a plain file of ours that nobody else may read, created empty where missing.
pub(crate) fn prepare_file(path: &Path) -> Result<(), String> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(format!("{} could not be created ({error})", path.display())),
    }
    for file in ["", "-wal", "-shm", "-journal"].map(|suffix| beside(path, suffix)) {
        match fs::symlink_metadata(&file) {
            Ok(facts) if facts.is_file() => make_private(&file, &facts, 0o600)?,
            Ok(_) => return Err(format!("{} is not a plain file", file.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{} could not be read ({error})", file.display())),
        }
    }
    Ok(())
}

/// Whether the disk that a file is on was mounted so that nobody can write.
pub(crate) fn is_read_only(path: &Path) -> bool {
    #[cfg(unix)]
    {
        rustix::fs::statvfs(path).is_ok_and(|facts| facts.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// `path` with something appended to its last part.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// What tells one file from another under the same name, where the system has such a thing.
pub(crate) fn identity(path: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).ok().map(|facts| (facts.dev(), facts.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

fn create(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

#[cfg(unix)]
fn make_private(path: &Path, facts: &fs::Metadata, mode: u32) -> Result<(), String> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    if facts.uid() != rustix::process::geteuid().as_raw() {
        return Err(format!("{} belongs to another user", path.display()));
    }
    let allowed = facts.mode() & 0o777;
    if allowed & mode == allowed {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(allowed & mode))
        .map_err(|error| format!("{} is open to other users and could not be made private ({error})", path.display()))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as where it can fail")]
fn make_private(_path: &Path, _facts: &fs::Metadata, _mode: u32) -> Result<(), String> {
    Ok(()) // The profile folder that holds the cache is private by inheritance.
}

/// Name of the network file system that `dir` is on, if it is.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn network_file_system(dir: &Path) -> Option<&'static str> {
    // The type's width and sign vary with the platform, its low half does not.
    let kind = rustix::fs::statfs(dir).ok()?.f_type.to_le_bytes();
    network_name(u32::from_le_bytes([kind[0], kind[1], kind[2], kind[3]]))
}

/// Name of the network file system that `dir` is on, if it is.
#[cfg(target_vendor = "apple")]
pub(crate) fn network_file_system(dir: &Path) -> Option<&'static str> {
    const MNT_LOCAL: u32 = 0x1000;
    let facts = rustix::fs::statfs(dir).ok()?;
    (facts.f_flags & MNT_LOCAL == 0).then_some("not a local disk")
}

/// Elsewhere nothing tells.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(crate) fn network_file_system(_dir: &Path) -> Option<&'static str> {
    None
}

/// Linux' numbers (statfs(2)) of the file systems that other machines may write at the same time: the shared memory
/// that WAL needs does not reach them. FUSE is not among them: most are local disks.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn network_name(kind: u32) -> Option<&'static str> {
    Some(match kind {
        0x6969 => "NFS",
        0x517B | 0xFE53_4D42 => "SMB",
        0xFF53_4D42 => "CIFS",
        0x0102_1997 => "9P",
        0x5346_414F | 0x6B41_4653 => "AFS",
        0x7375_7245 => "Coda",
        0x564C => "NCP",
        0x00C3_6400 => "Ceph",
        0x0BD0_0BD0 => "Lustre",
        0x4750_4653 => "GPFS",
        0x0116_1970 => "GFS2",
        0x7461_636F => "OCFS2",
        _ => return None,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_told_from_local_ones() {
        for (kind, name) in [
            (0x6969, Some("NFS")),
            (0xFF53_4D42, Some("CIFS")),
            (0xFE53_4D42, Some("SMB")),
            (0x0102_1997, Some("9P")),
            (0xEF53, None),      // ext4
            (0x9123_683E, None), // btrfs
            (0x0102_1994, None), // tmpfs
            (0x6573_5546, None), // FUSE
            (0x794C_7630, None), // overlayfs
        ] {
            assert_eq!(network_name(kind), name, "{kind:#x}");
        }
        assert_eq!(network_file_system(Path::new("/proc")), None);
    }

    #[test]
    fn a_suffix_goes_behind_the_whole_name() {
        assert_eq!(beside(Path::new("/a/b.db"), "-wal"), Path::new("/a/b.db-wal"));
    }
}
