//! Small disks, and disks that may not be written, where the tests may mount one.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Workspace;

/// A file system of its own in memory; it goes with this value.
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// Mounted beside the workspace; `None` where that is not allowed, which is said.
    pub(crate) fn mount(workspace: &Workspace, name: &str, kilobytes: u32) -> Option<Self> {
        let folder = workspace.beside(name);
        std::fs::create_dir_all(&folder).expect("created");
        let options = format!("size={kilobytes}k,mode=0700");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&folder).output();
        if done.is_ok_and(|done| done.status.success()) {
            return Some(Self(folder));
        }
        let words = b"skipped: a small file system cannot be mounted here\n";
        let _ = std::io::Write::write_all(&mut std::io::stderr(), words);
        None
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Leaves as many kilobytes free, about.
    pub(crate) fn fill(&self, kilobytes_left: u64) {
        let filler = self.0.join("filler");
        let mut size = 0_u64;
        let mut file = std::fs::File::create(&filler).expect("created");
        while std::io::Write::write_all(&mut file, &[0; 4_096]).is_ok() {
            size += 4_096;
        }
        file.set_len(size.saturating_sub(kilobytes_left << 10)).expect("cut");
    }

    /// There is room again.
    pub(crate) fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).expect("removed");
    }

    /// From now on nothing can be written, not even by root.
    pub(crate) fn forbid_writing(&self) {
        self.remount("remount,ro");
    }

    /// It can again.
    pub(crate) fn allow_writing(&self) {
        self.remount("remount,rw");
    }

    fn remount(&self, options: &str) {
        let done = Command::new("mount").args(["-o", options]).arg(&self.0).output().expect("it runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Also where a process that a failed test left behind has a file open there.
        let done = Command::new("umount").arg("--lazy").arg(&self.0).status();
        if !std::thread::panicking() {
            assert!(done.is_ok_and(|done| done.success()), "unmounted");
        }
    }
}
