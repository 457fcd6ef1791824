//! SARIF and `JUnit` against the schemas that their readers publish. The schemas come from the test rig
//! (`tests/install/schemas.sh`); without it, the test says that it did not run.

use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use super::{arbitrary, junit, reports, sarif};
use crate::cli::check::format::GateReport;

/// Reports of every shape beside the samples.
const RANDOM: usize = 40;

fn rig() -> Option<PathBuf> {
    let named = std::env::var_os("ASPM_TEST_RIG").map(PathBuf::from);
    let rig = named.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/aspm-test-rig")))?;
    Some(rig.join("schemas")).filter(|rig| rig.join("installed").is_file())
}

fn all() -> Vec<(String, GateReport)> {
    let mut all: Vec<_> = reports::all().into_iter().map(|(name, report)| (name.to_owned(), report)).collect();
    let mut runner = TestRunner::deterministic();
    let strategy = arbitrary::report();
    all.extend((0..RANDOM).map(|number| {
        let report = strategy.new_tree(&mut runner).expect("a report").current();
        (format!("random-{number}"), report)
    }));
    all
}

/// Gives every file in `folder` to the validator of `kind`.
fn validate(rig: &Path, kind: &str, folder: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/formats/validate.py");
    let ran = Command::new(rig.join("bin/python")).arg(script).arg(kind).arg(rig).arg(folder).output();
    let ran = ran.expect("the rig's Python starts");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    assert!(said.starts_with(&format!("{} valid", all().len())), "{said}");
}

#[test]
fn sarif_and_junit_are_valid() {
    let Some(rig) = rig() else {
        eprintln!("skipped: no schemas in the test rig; tests/install/schemas.sh installs them");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    for kind in ["sarif", "junit"] {
        let of_kind = folder.path().join(kind);
        std::fs::create_dir(&of_kind).expect("a folder");
        for (name, report) in all() {
            let text = if kind == "sarif" { sarif(&report).to_string() } else { junit(&report) };
            std::fs::write(of_kind.join(name), text).expect("written");
        }
        validate(&rig, kind, &of_kind);
    }
}
