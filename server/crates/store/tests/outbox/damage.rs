//! A damaged outbox: kept as it is, what can be read of it goes on, and the user hears of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{all, claim, due, entry, open, state};
use aspm_store::outbox::{Outbox, OutboxError, OutboxId, Outcome, State};
use proptest::prelude::*;
use rusqlite::Connection;

/// A folder with `count` queued entries in an outbox that is closed and whole on disk.
fn filled(count: usize) -> (tempfile::TempDir, PathBuf, Vec<OutboxId>) {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let ids = outbox.enqueue_all((0..count).map(|number| entry(number, &reason(number))).collect()).unwrap();
    let path = outbox.path().unwrap().to_owned();
    drop(outbox);
    assert!(!path.with_extension("db-wal").exists(), "the last connection left its log behind");
    (folder, path, ids)
}

fn reason(number: usize) -> String {
    format!("reason {number} {}", "and more ".repeat(number % 60))
}

fn kept(path: &Path, number: u32) -> PathBuf {
    path.with_extension(format!("db.corrupt-{number}"))
}

fn ids(outbox: &mut Outbox) -> Vec<OutboxId> {
    all(outbox).into_iter().map(|record| record.id).collect()
}

fn garble(path: &Path, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn whatever_happens_to_the_file_it_is_kept_and_what_was_queued_is_read_from_it() {
    type Damage = (&'static str, bool, fn(&Path));
    // Whether the database itself can still read all of it.
    let cases: [Damage; 7] = [
        ("the header", false, |path| garble(path, |bytes| bytes[..100].fill(0xA5))),
        ("the first page", false, |path| garble(path, |bytes| bytes[..16_384].fill(0))),
        ("every page's own header", false, |path| {
            garble(path, |bytes| bytes.chunks_mut(16_384).for_each(|page| page[..12].fill(0xFF)));
        }),
        ("the cell pointers of all but the first page", false, |path| {
            garble(path, |bytes| bytes.chunks_mut(16_384).skip(1).for_each(|page| page[8..200].fill(0x5A)));
        }),
        ("bytes before it", false, |path| {
            garble(path, |bytes| {
                bytes.splice(..0, [7; 333]);
            });
        }),
        ("columns that contradict the records", true, |path| {
            Connection::open(path).unwrap().execute_batch("UPDATE entry SET finding = 'other:1', state = 4").unwrap();
        }),
        ("a planted table", true, |path| {
            Connection::open(path).unwrap().execute_batch("CREATE TABLE planted (x)").unwrap();
        }),
    ];
    for (what, is_readable, damage) in cases {
        let (folder, path, queued) = filled(120);
        damage(&path);
        let damaged = fs::read(&path).unwrap();
        let opened = Outbox::open(folder.path());
        let (mut outbox, mut notices) = (opened.outbox, opened.notices);
        let mut found = ids(&mut outbox);
        notices.extend(outbox.take_notices());
        assert_eq!(notices.len(), 1, "{what}: {notices:?}");
        assert!(notices[0].contains(kept(&path, 1).to_str().unwrap()), "{what}: {}", notices[0]);
        assert!(notices[0].contains("120 unsent triage decisions were recovered"), "{what}: {}", notices[0]);
        assert!(fs::read(kept(&path, 1)).unwrap() == damaged, "{what}: what was kept is not what was damaged");
        for record in all(&mut outbox) {
            let number: usize = record.entry.number.parse().unwrap();
            assert_eq!(record.entry, entry(number, &reason(number)), "{what}");
            assert_eq!(record.state == State::Queued, is_readable, "{what}: {:?}", record.state);
            assert!(record.may_have_arrived, "{what}: it may be an old state");
        }
        if is_readable {
            assert_eq!(found, queued, "{what}: in their order");
        } else {
            assert_eq!(due(&mut outbox, i64::MAX / 2), None, "{what}: nothing goes out without the user");
            outbox.retry(&queued[3], 0).unwrap();
            assert_eq!(due(&mut outbox, 0).as_ref(), Some(&queued[3]), "{what}");
        }
        found.sort();
        let mut expected = queued.clone();
        expected.sort();
        assert_eq!(found, expected, "{what}");
        let id = outbox.enqueue(entry(500, "new")).unwrap();
        drop(outbox);
        assert!(ids(&mut open(folder.path())).contains(&id), "{what}");
        let left: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains("salvage") || name.contains("recover"))
            .collect();
        assert_eq!(left, [""; 0], "{what}");
    }
}

#[test]
fn garbage_and_foreign_files_are_kept_and_never_mistaken_for_ours() {
    for number in 1..=5 {
        let (folder, path, _) = filled(2);
        fs::write(&path, "no database at all, but long enough to have a header ".repeat(99)).unwrap();
        let opened = Outbox::open(folder.path());
        assert_eq!(opened.notices.len(), 1, "{:?}", opened.notices);
        assert!(kept(&path, 1).exists());
        let mut outbox = opened.outbox;
        assert_eq!(ids(&mut outbox), []);
        drop(outbox);
        // And each further one under its own name: none is ever removed.
        for further in 2..=number {
            Connection::open(&path).unwrap().pragma_update(None, "application_id", 1).unwrap();
            drop(Outbox::open(folder.path()));
            assert!(kept(&path, further).exists());
        }
        assert!((1..=number).all(|number| kept(&path, number).exists()));
    }
}

#[test]
fn a_header_that_names_a_schema_format_of_nobody_is_damage() {
    let (folder, path, queued) = filled(3);
    garble(&path, |bytes| bytes[44..48].fill(0xff));
    let opened = Outbox::open(folder.path());
    assert_eq!(opened.notices.len(), 1, "{:?}", opened.notices);
    let mut outbox = opened.outbox;
    assert_eq!(ids(&mut outbox).len(), queued.len(), "all are read out of the kept file");
    assert!(kept(&path, 1).exists());
}

#[test]
fn a_record_that_was_altered_waits_for_the_user() {
    let (folder, path, queued) = filled(9);
    let other = Connection::open(&path).unwrap();
    // Else the record as it was is found beside the altered one.
    other.pragma_update(None, "secure_delete", true).unwrap();
    other
        .execute_batch("UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'reason 4', 'treason 4') AS BLOB)")
        .unwrap();
    other.execute_batch("UPDATE entry SET body = 'no record' WHERE number = 2").unwrap();
    drop(other);
    let mut outbox = open(folder.path());
    let found = ids(&mut outbox);
    let notices = outbox.take_notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].contains("1 could not be read"), "{notices:?}");
    assert_eq!(found.len(), 8);
    assert!(matches!(state(&mut outbox, &queued[4]), State::Refused { .. }));
    assert_eq!(state(&mut outbox, &queued[5]), State::Queued);
    assert_eq!(outbox.get(&queued[1]).unwrap(), None);
}

#[test]
fn what_was_discarded_does_not_come_back_by_salvage() {
    let (folder, path, queued) = filled(60);
    let mut outbox = open(folder.path());
    for id in queued.iter().step_by(2) {
        outbox.discard(id, 0).unwrap();
    }
    drop(outbox);
    garble(&path, |bytes| bytes[..100].fill(0xA5));
    let mut outbox = Outbox::open(folder.path()).outbox;
    let mut expected: Vec<OutboxId> = queued.into_iter().skip(1).step_by(2).collect();
    expected.sort();
    let mut found = ids(&mut outbox);
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_write_that_meets_damage_is_done_after_it_was_put_right() {
    let (folder, path, queued) = filled(5);
    let mut outbox = open(folder.path());
    let other = Connection::open(&path).unwrap();
    other.execute_batch("UPDATE entry SET digest = x'00' WHERE number = 3").unwrap();
    drop(other);
    let claimed = claim(&mut outbox, &queued[0], 0);
    assert_eq!(outbox.discard(&queued[2], 0).unwrap().id, queued[2]);
    assert_eq!(outbox.take_notices().len(), 1);
    let settled = outbox.settle(&claimed, &Outcome::Done { now: None }, 0).unwrap();
    assert_eq!(settled.state, State::Done, "a claim outlives the exchange of the file");
    assert_eq!(ids(&mut outbox).len(), 4);
    assert!(kept(&path, 1).exists());
}

#[test]
fn others_go_on_in_the_file_that_took_the_damaged_ones_place() {
    let (folder, path, queued) = filled(5);
    let (mut one, mut two) = (open(folder.path()), open(folder.path()));
    let claimed = claim(&mut one, &queued[1], 0);
    Connection::open(&path).unwrap().execute_batch("UPDATE entry SET digest = x'00' WHERE number = 5").unwrap();
    assert_eq!(ids(&mut two).len(), 5, "put right by the second");
    let id = one.enqueue(entry(100, "through the first")).unwrap();
    assert!(ids(&mut two).contains(&id));
    assert_eq!(two.claim(&queued[1], 0).unwrap(), None, "the first is at it still");
    one.settle(&claimed, &Outcome::Done { now: None }, 0).unwrap();
    assert_eq!(state(&mut two, &queued[1]), State::Done);
    assert!(!kept(&path, 2).exists(), "it was put right once");
    drop(one);
    let id = two.enqueue(entry(101, "after the first closed")).unwrap();
    drop(two);
    assert_eq!(ids(&mut open(folder.path())).len(), 7);
    assert!(ids(&mut open(folder.path())).contains(&id));
}

#[test]
fn an_exchange_that_was_broken_off_is_completed() {
    let (folder, path, queued) = filled(5);
    fs::rename(&path, path.with_extension("db.recovered")).unwrap();
    fs::write(&path, "the damaged one").unwrap();
    fs::write(path.with_extension("db-wal"), "its log").unwrap();
    assert_eq!(ids(&mut open(folder.path())), queued);
    // One that was not finished building does not count.
    fs::write(path.with_extension("db.recovering"), "half").unwrap();
    assert_eq!(ids(&mut open(folder.path())), queued);
}

#[test]
fn the_outbox_of_a_newer_version_is_left_alone() {
    let (folder, path, queued) = filled(5);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let before = fs::read(&path).unwrap();
    let opened = Outbox::open(folder.path());
    assert_eq!(opened.notices.len(), 1);
    assert!(opened.notices[0].contains("newer version of this program (format 999)"), "{:?}", opened.notices);
    let mut outbox = opened.outbox;
    let error = outbox.enqueue(entry(1, "")).unwrap_err();
    assert!(matches!(error, OutboxError::Unusable { .. }), "{error}");
    assert!(fs::read(&path).unwrap() == before, "the file was written to");
    // And is used as soon as it can be.
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1).unwrap();
    assert_eq!(ids(&mut outbox), queued);
}

#[test]
fn an_outbox_that_was_removed_is_begun_anew() {
    let (folder, path, _) = filled(5);
    let mut outbox = open(folder.path());
    fs::remove_file(&path).unwrap();
    let id = outbox.enqueue(entry(1, "")).unwrap();
    assert_eq!(ids(&mut open(folder.path())), [id]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_whole_in_a_garbled_file_is_never_lost(
        spots in prop::collection::vec((0.0..1.0f64, any::<u8>(), 1usize..3_000), 1..12),
        cut in prop::option::of(0.1..1.0f64),
    ) {
        let (folder, path, queued) = filled(80);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a small file")]
        garble(&path, |bytes| {
            let place = |spot: f64, len: usize| (spot * len as f64) as usize;
            for (spot, value, len) in &spots {
                let at = place(*spot, bytes.len());
                let end = bytes.len().min(at + len);
                bytes[at..end].fill(*value);
            }
            if let Some(cut) = cut {
                bytes.truncate(place(cut, bytes.len()));
            }
        });
        let damaged = fs::read(&path).unwrap();
        let opened = Outbox::open(folder.path());
        let mut outbox = opened.outbox;
        let found = ids(&mut outbox);
        let is_noticed = !opened.notices.is_empty() || !outbox.take_notices().is_empty();
        prop_assert!(is_noticed || found.len() == queued.len());
        if is_noticed {
            prop_assert!(fs::read(kept(&path, 1)).unwrap() == damaged);
        }
        for (number, id) in queued.iter().enumerate() {
            let whole = serde_json::to_vec(&entry(number, &reason(number))).unwrap();
            let beginning = format!("{{\"aspm_outbox_change\":1,\"id\":\"{id}\",\"entry\":");
            let at = damaged.windows(beginning.len()).position(|window| window == beginning.as_bytes());
            let is_whole = at.is_some_and(|at| {
                let rest = &damaged[at + beginning.len()..];
                // Its end and its digest of 32 bytes come close behind.
                rest.starts_with(&whole) && ends_whole(&damaged[at..])
            });
            prop_assert!(!is_whole || found.contains(id), "{id} is whole in the file and was lost");
        }
        let id = outbox.enqueue(entry(1, "new")).unwrap();
        drop(outbox);
        prop_assert!(ids(&mut open(folder.path())).contains(&id));
    }
}

/// Whether a record stands at the beginning of `bytes`, followed by its digest.
fn ends_whole(bytes: &[u8]) -> bool {
    use sha2::Digest as _;
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<serde_json::Value>();
    values.next().is_some_and(|value| value.is_ok()) && {
        let (body, rest) = bytes.split_at(values.byte_offset());
        rest.starts_with(&sha2::Sha256::digest(body)[..])
    }
}
