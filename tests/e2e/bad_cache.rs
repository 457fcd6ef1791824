//! A cache that cannot be used costs a message, never the findings.

use std::path::Path;

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n";

fn shop() -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    workspace
}

fn served_from_memory(workspace: &Workspace) {
    let mut editor = Editor::start(workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.wait_problem(&["memory"]);
    workspace.log("scan", &Log::new("Bandit").with(result("B101", "app.py", APP, "def run(x):")));
    editor.tell_disk(&[(".aspm/scan.sarif", 2)]);
    editor.wait_texts("app.py", &["def run(x):"]);
}

#[test]
fn a_cache_folder_that_cannot_be_made_is_told() {
    let workspace = shop();
    // Also for root: below a file there is no folder.
    std::fs::write(workspace.beside("a-file"), "").expect("written");
    let below = workspace.beside("a-file/cache");
    served_from_memory(&workspace.with_cache(&below));
}

#[cfg(target_os = "linux")]
#[test]
fn a_cache_folder_that_cannot_be_written_is_told() {
    served_from_memory(&shop().with_cache(Path::new("/proc/aspm-cache")));
}

#[test]
fn a_damaged_cache_is_made_anew() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_ready();
    editor.leave();
    let mut damaged = 0;
    for path in files_below(&workspace.cache()) {
        if path.extension().is_some_and(|extension| extension == "db" || extension == "sqlite") {
            std::fs::write(&path, vec![0xa5; 40_000]).expect("written");
            damaged += 1;
        }
    }
    assert!(damaged > 0, "there was a cache: {:?}", files_below(&workspace.cache()));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.wait_loaded();
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).map(|entries| entries.flatten().collect::<Vec<_>>()).unwrap_or_default();
    entries
        .into_iter()
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() { files_below(&path) } else { vec![path] }
        })
        .collect()
}

/// A file system of its own that is full, where the tests may mount one.
#[cfg(target_os = "linux")]
#[test]
fn a_full_cache_is_told() {
    let workspace = shop();
    let disk = workspace.beside("small");
    std::fs::create_dir(&disk).expect("created");
    let mounted =
        std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(&disk).output();
    if !mounted.as_ref().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: a small file system cannot be mounted here");
        return;
    }
    std::fs::write(disk.join("filler"), vec![0; 40_000]).expect("written");
    let workspace = workspace.with_cache(&disk.join("cache"));
    let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| served_from_memory(&workspace)));
    let unmounted = std::process::Command::new("umount").arg(&disk).status();
    assert!(unmounted.is_ok_and(|status| status.success()), "unmounted");
    if let Err(panic) = tried {
        std::panic::resume_unwind(panic);
    }
}
