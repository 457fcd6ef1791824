//! Damaged and foreign files: set aside with a notice, or reported as damage when a read meets it; never trusted.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{fill, key, open, plain, plain_ones};
use aspm_store::{Error, Store};
use proptest::prelude::*;
use rusqlite::Connection;

/// A folder with a filled database that is closed and whole on disk.
fn filled(count: usize) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    fill(&mut store, &plain_ones(count, "x"));
    let path = store.path().unwrap().to_owned();
    drop(store);
    // Whoever closes it leaves the log beside it.
    let whole: i64 =
        Connection::open(&path).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, 0, "nobody is in the way");
    assert!(!path.with_extension("db-wal").exists(), "the last connection left its log behind");
    (folder, path)
}

fn set_aside(path: &Path, number: u32) -> PathBuf {
    path.with_extension(format!("db.corrupt-{number}"))
}

#[test]
fn a_file_that_is_no_cache_is_set_aside_and_rebuilt() {
    type Damage = (&'static str, fn(&Path));
    let cases: [Damage; 6] = [
        ("garbage", |path| {
            fs::write(path, "no database at all, but long enough to have a header ".repeat(99)).unwrap();
        }),
        ("short garbage", |path| {
            fs::write(path, "no database").unwrap();
        }),
        ("a garbled first page", |path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[100..4096].fill(0xA5);
            fs::write(path, bytes).unwrap();
        }),
        ("cut short", |path| {
            let bytes = fs::read(path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("another program's", |path| {
            fs::remove_file(path).unwrap();
            Connection::open(path).unwrap().execute_batch("CREATE TABLE mine (x)").unwrap();
        }),
        ("a wrong application id", |path| {
            Connection::open(path).unwrap().pragma_update(None, "application_id", 1).unwrap();
        }),
    ];
    for (what, damage) in cases {
        let (folder, path) = filled(200);
        damage(&path);
        let damaged = fs::read(&path).unwrap();

        let opened = Store::open(folder.path(), &key());
        assert_eq!(opened.notices.len(), 1, "{what}: {:?}", opened.notices);
        let kept = set_aside(&path, 1);
        assert!(opened.notices[0].contains(kept.to_str().unwrap()), "{what}: {:?}", opened.notices);
        assert!(fs::read(&kept).unwrap() == damaged, "{what}: the file that was set aside is another");
        assert_eq!(opened.store.path(), Some(&*path), "{what}");
        let mut store = opened.store;
        assert_eq!(store.meta().unwrap(), None, "{what}");
        fill(&mut store, &plain_ones(3, "new"));
        assert_eq!(open(folder.path()).load_index().unwrap().1.rows().len(), 3, "{what}");
    }
}

#[test]
fn an_empty_file_is_a_new_cache() {
    let (folder, path) = filled(3);
    fs::write(&path, "").unwrap();
    assert_eq!(open(folder.path()).meta().unwrap(), None);
}

#[test]
fn damaged_content_is_met_on_reading_and_can_be_set_aside() {
    for damage in [
        "UPDATE source SET body = 'x'",
        "UPDATE source SET body = 7",
        "UPDATE source SET revision = -1",
        "UPDATE packed SET bytes = x'07'",
        "UPDATE packed SET bytes = 'text'",
        "UPDATE packed SET bytes = substr(bytes, 1, length(bytes) - 1)",
        "UPDATE packed SET bytes = CAST(bytes || x'00' AS BLOB)",
        "DELETE FROM packed; DELETE FROM finding WHERE number = 3",
        "DELETE FROM packed; UPDATE finding SET severity = 9 WHERE number = 3",
        "DELETE FROM packed; UPDATE finding SET status = 'open' WHERE number = 3",
        "DELETE FROM packed; UPDATE finding SET kind = -1 WHERE number = 3",
        "DELETE FROM packed; UPDATE finding SET line = 99999999999 WHERE number = 3",
        "DELETE FROM packed; UPDATE finding SET path = x'ff' WHERE number = 3",
        "DELETE FROM packed; UPDATE finding SET message = CAST(x'ff' AS TEXT) WHERE number = 3",
    ] {
        let (folder, path) = filled(20);
        Connection::open(&path).unwrap().execute_batch(damage).unwrap();
        let store = open(folder.path());
        let error = store.load_index().unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{damage}: {error}");

        let opened = store.set_aside();
        assert!(set_aside(&path, 1).exists(), "{damage}");
        assert_eq!(opened.notices.len(), 1, "{damage}: {:?}", opened.notices);
        let mut store = opened.store;
        fill(&mut store, &plain_ones(2, "new"));
        assert_eq!(open(folder.path()).load_index().unwrap().1.rows().len(), 2, "{damage}");
    }
}

#[test]
fn damaged_details_are_never_handed_out() {
    for damage in [
        "UPDATE detail SET body = 'text'",
        "UPDATE detail SET body = CAST('{}' AS BLOB)",
        "UPDATE detail SET body = (SELECT body FROM detail WHERE number = 2)",
        "UPDATE detail SET rule_digest = x'00'",
        "UPDATE rule SET body = CAST('[' AS BLOB)",
        "DELETE FROM rule",
        "UPDATE finding SET path = 'src/file3.py' WHERE number = 5",
    ] {
        let (folder, path) = filled(20);
        Connection::open(&path).unwrap().execute_batch(damage).unwrap();
        let store = open(folder.path());
        let error = store.findings_at(&["src/file3.py"]).unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{damage}: {error}");
        let one_by_one = [3, 4].map(|number| store.finding(&plain(number, "").id));
        assert!(one_by_one.iter().any(|found| matches!(found, Err(Error::Corrupt { .. }))), "{damage}");
    }
}

#[test]
fn a_cache_that_another_process_set_aside_is_noticed_and_not_set_aside_twice() {
    let (folder, path) = filled(5);
    let (one, two) = (open(folder.path()), open(folder.path()));
    let mut new = one.set_aside().store;
    fill(&mut new, &plain_ones(9, "new"));
    assert!(matches!(two.revision(), Err(Error::Replaced { .. })));

    let opened = two.set_aside();
    assert_eq!(opened.notices, [""; 0]);
    assert_eq!(opened.store.load_index().unwrap().1.rows().len(), 9);
    assert!(!set_aside(&path, 2).exists());
}

#[test]
fn a_cache_that_was_removed_is_noticed() {
    let (folder, path) = filled(5);
    let store = open(folder.path());
    fs::remove_file(path).unwrap();
    assert!(matches!(store.revision(), Err(Error::Replaced { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn bytes_garbled_anywhere_give_an_answer_or_an_error_and_the_cache_heals(
        spots in prop::collection::vec((0.0..1.0f64, any::<u8>()), 1..40),
    ) {
        let (folder, path) = filled(60);
        let mut bytes = fs::read(&path).unwrap();
        for (spot, value) in spots {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a small file")]
            let at = (spot * bytes.len() as f64) as usize;
            bytes[at] = value;
        }
        fs::write(&path, bytes).unwrap();
        let opened = Store::open(folder.path(), &key());
        let mut store = opened.store;
        let _ = store.meta();
        let _ = store.load_index();
        for number in 0..11 {
            let _ = store.findings_at(&[&format!("src/file{number}.py")]);
        }
        // What cannot be written to either is set aside; then it works.
        let healed = (|| {
            let mut replace = store.replace()?;
            replace.push(plain(1, "new"))?;
            replace.commit(crate::support::meta())
        })();
        if healed.is_err() || store.load_index().is_err() || store.finding(&plain(1, "").id).is_err() {
            store = store.set_aside().store;
            fill(&mut store, &[plain(1, "new")]);
        }
        prop_assert_eq!(store.finding(&plain(1, "").id).unwrap(), Some(plain(1, "new")));
        prop_assert_eq!(store.load_index().unwrap().1.rows().len(), 1);
    }

    #[test]
    fn a_packed_index_of_any_bytes_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let (folder, path) = filled(4);
        Connection::open(&path).unwrap().execute("UPDATE packed SET bytes = ?1", [bytes]).unwrap();
        let loaded = open(folder.path()).load_index();
        prop_assert!(matches!(loaded, Err(Error::Corrupt { .. })), "four rows do not fit random bytes");
    }
}
