//! Names the code that places findings by its content, so that kept placements are never those of another version.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut hash = Fnv::new();
    // The grammars' versions are in the lock file, how they are read in `syntax`.
    for part in ["src", "../syntax/src", "../finding/src/evidence.rs", "../../../Cargo.lock"] {
        let path = own.join(part);
        println!("cargo:rerun-if-changed={}", path.display());
        hash.add(&path)?;
    }
    println!("cargo:rustc-env=ANCHOR_FINGERPRINT={:016x}", hash.0);
    Ok(())
}

/// FNV-1a: the same on every machine and compiler; nobody attacks it here.
struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
            entries.sort();
            return entries.iter().try_for_each(|entry| self.add(entry));
        }
        for byte in fs::read(path)? {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}
