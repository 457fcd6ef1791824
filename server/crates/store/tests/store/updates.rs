//! Changes beside what stays: after any of them the cache is the one that a whole replacement would have left.

use std::collections::BTreeMap;

use crate::content::{built, lines};
use crate::support::{fill, finding, meta, open, plain, plain_ones};
use aspm_store::{Error, SourceMeta, Store};
use finding::{Finding, FindingId};
use proptest::prelude::*;

/// One word of an update.
#[derive(Debug, Clone)]
enum Word {
    Upsert(Box<Finding>),
    /// The so-manieth finding that is there.
    UpsertAgain(usize, String),
    Remove(usize),
    RemoveUnknown,
    Save,
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        4 => finding().prop_map(|one| Word::Upsert(Box::new(one))),
        2 => (any::<usize>(), "[a-c\n]{0,3}").prop_map(|(which, say)| Word::UpsertAgain(which, say)),
        2 => any::<usize>().prop_map(Word::Remove),
        1 => Just(Word::RemoveUnknown),
        1 => Just(Word::Save),
    ]
}

fn nth(known: &BTreeMap<String, Finding>, which: usize) -> Option<&Finding> {
    known.values().nth(which.checked_rem(known.len())?)
}

fn assert_is(store: &Store, expected: &BTreeMap<String, Finding>) {
    let (meta, index) = store.load_index().unwrap();
    assert_eq!(meta.findings, expected.len());
    assert_eq!(lines(&index), built(expected.values()));
    for (id, one) in expected {
        assert_eq!(store.finding(&FindingId::from_stored(id)).unwrap().as_ref(), Some(one));
    }
}

fn with_cursor(cursor: &str) -> SourceMeta {
    SourceMeta { cursor: Some(cursor.to_owned()), ..meta() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_updates_leave_what_one_replacement_would_have(
        first in prop::collection::vec(finding(), 0..8),
        updates in prop::collection::vec((prop::collection::vec(word(), 0..10), any::<bool>()), 1..4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        fill(&mut store, &first);
        let mut known: BTreeMap<String, Finding> = first.into_iter().map(|one| (one.id.to_string(), one)).collect();
        for (words, is_whole) in updates {
            let mut came = BTreeMap::new();
            let mut update = store.update().unwrap();
            for word in words {
                let put = match &word {
                    Word::Upsert(one) => Some(*one.clone()),
                    Word::UpsertAgain(which, message) => {
                        nth(&known, *which).map(|one| Finding { message: message.clone(), ..one.clone() })
                    }
                    _ => None,
                };
                if let Some(one) = put {
                    update.upsert(one.clone()).unwrap();
                    came.insert(one.id.to_string(), one.clone());
                    known.insert(one.id.to_string(), one);
                }
                match word {
                    Word::Upsert(_) | Word::UpsertAgain(..) => {}
                    Word::Remove(which) => {
                        if let Some(one) = nth(&known, which).map(|one| one.id.clone()) {
                            update.remove(&one).unwrap();
                            known.remove(one.as_str());
                            came.remove(one.as_str());
                        }
                    }
                    Word::RemoveUnknown => update.remove(&FindingId::from_stored("not there")).unwrap(),
                    Word::Save => {
                        update.save().unwrap();
                        assert_is(&open(folder.path()), &known);
                    }
                }
            }
            if is_whole {
                update.commit_whole(meta()).unwrap();
                known = came;
            } else {
                update.commit(meta()).unwrap();
            }
            // Once from the packed index, once from the rows.
            let other = open(folder.path());
            assert_is(&other, &known);
            rusqlite::Connection::open(other.path().unwrap()).unwrap().execute("DELETE FROM packed", []).unwrap();
            assert_is(&other, &known);
        }
    }
}

#[test]
fn an_update_touches_only_what_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    fill(&mut store, &plain_ones(20, "old"));
    let mut update = store.update().unwrap();
    update.upsert(plain(3, "new")).unwrap();
    update.upsert(plain(30, "new")).unwrap();
    update.remove(&plain(4, "").id).unwrap();
    assert_eq!(update.stored(&plain(3, "").id).unwrap(), Some(plain(3, "old")));
    assert_eq!(update.stored(&plain(30, "").id).unwrap(), None);
    let stored = update.commit(with_cursor("2")).unwrap();
    assert_eq!((stored.revision, stored.findings, stored.cursor.as_deref()), (2, 20, Some("2")));
    assert_eq!(store.meta().unwrap(), Some(stored));
    assert_eq!(store.finding(&plain(3, "").id).unwrap(), Some(plain(3, "new")));
    assert_eq!(store.finding(&plain(5, "").id).unwrap(), Some(plain(5, "old")));
    assert_eq!(store.finding(&plain(4, "").id).unwrap(), None);
}

#[test]
fn an_update_that_is_dropped_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    fill(&mut store, &plain_ones(9, "old"));
    let mut update = store.update().unwrap();
    update.upsert(plain(3, "new")).unwrap();
    update.remove(&plain(4, "").id).unwrap();
    drop(update);
    assert_eq!(store.revision().unwrap(), 1);
    assert_eq!(lines(&store.load_index().unwrap().1), built(&plain_ones(9, "old")));
    let stored = store.update().unwrap().commit(with_cursor("1")).unwrap();
    assert_eq!((stored.revision, stored.findings), (1, 9), "what was dropped is not inherited");
}

#[test]
fn the_same_update_again_moves_the_cursor_and_not_the_revision() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let findings = plain_ones(12, "x");
    for (round, is_whole) in [false, false, true, true, false].into_iter().enumerate() {
        let mut update = store.update().unwrap();
        for one in &findings {
            update.upsert(one.clone()).unwrap();
        }
        let given = SourceMeta { synced_at: format!("round {round}"), ..with_cursor(&round.to_string()) };
        let stored = if is_whole { update.commit_whole(given) } else { update.commit(given) }.unwrap();
        assert_eq!((stored.revision, stored.findings), (1, 12), "round {round}");
        assert_eq!(store.meta().unwrap(), Some(stored.clone()));
        assert_eq!(stored.cursor, Some(round.to_string()));
    }
    let told = SourceMeta { problems: vec!["Something is missing.".into()], ..meta() };
    assert_eq!(store.update().unwrap().commit(told).unwrap().revision, 2, "readers are to hear of it");
}

#[test]
fn an_empty_source_stays_at_its_revision() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    assert_eq!(store.update().unwrap().commit(meta()).unwrap().revision, 1);
    assert_eq!(store.update().unwrap().commit(with_cursor("2")).unwrap().revision, 1);
    assert_eq!(store.load_index().unwrap().1.rows().len(), 0);
}

#[test]
fn rows_that_were_saved_are_seen_under_the_old_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) = (open(folder.path()), open(folder.path()));
    let mut update = store.update().unwrap();
    update.upsert(plain(1, "page 1")).unwrap();
    update.save().unwrap();
    assert!(matches!(reader.load_index(), Err(Error::NeverSynced { .. })), "the first walk is not through");
    assert_eq!(update.stored(&plain(1, "").id).unwrap(), Some(plain(1, "page 1")));
    assert_eq!(update.commit_whole(with_cursor("first")).unwrap().findings, 1);

    let mut update = store.update().unwrap();
    update.upsert(plain(2, "page 1")).unwrap();
    update.save().unwrap();
    let (meta, index) = reader.load_index().unwrap();
    assert_eq!((meta.revision, meta.findings, index.rows().len()), (2, 2, 2));
    assert_eq!(meta.cursor.as_deref(), Some("first"));
    update.upsert(plain(3, "page 2")).unwrap();
    drop(update);
    assert_eq!(reader.load_index().unwrap().1.rows().len(), 2, "a walk that broke off keeps its saved pages");
    // The next walk over everything finds that number 1 is gone.
    let mut update = store.update().unwrap();
    update.upsert(plain(2, "page 1")).unwrap();
    update.save().unwrap();
    update.upsert(plain(3, "page 2")).unwrap();
    let stored = update.commit_whole(with_cursor("second")).unwrap();
    assert_eq!((stored.revision, stored.findings), (3, 2));
    assert_eq!(lines(&reader.load_index().unwrap().1), built(&[plain(2, "page 1"), plain(3, "page 2")]));
}

#[test]
fn a_finding_under_another_number_takes_the_earlier_ones_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let numbered = |number: &str| {
        let mut one = plain(1, "x");
        one.evidence.fingerprints.push(("server/id".into(), number.into()));
        one
    };
    fill(&mut store, &[numbered("17")]);
    let mut update = store.update().unwrap();
    update.upsert(numbered("99")).unwrap();
    assert_eq!(update.commit(meta()).unwrap().findings, 1);
    assert_eq!(store.finding(&plain(1, "").id).unwrap(), Some(numbered("99")));
}

#[test]
fn rules_nobody_has_never_outnumber_the_findings() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    fill(&mut store, &plain_ones(3, "x"));
    for round in 0..20 {
        let mut one = plain(1, "x");
        one.rule.explanation = Some(format!("wording {round}"));
        let mut update = store.update().unwrap();
        update.upsert(one.clone()).unwrap();
        update.commit(meta()).unwrap();
        let rules: i64 = rusqlite::Connection::open(store.path().unwrap())
            .unwrap()
            .query_row("SELECT count(*) FROM rule", [], |row| row.get(0))
            .unwrap();
        assert!(rules <= 3, "{rules} rules for 3 findings");
        assert_eq!(store.finding(&one.id).unwrap(), Some(one));
    }
}

#[test]
fn an_unchanged_reading_may_move_the_cursor_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    fill(&mut store, &plain_ones(3, "x"));
    store.confirm_from("later", Some("moved")).unwrap();
    let meta = store.meta().unwrap().unwrap();
    assert_eq!((meta.revision, meta.synced_at.as_str(), meta.cursor.as_deref()), (1, "later", Some("moved")));
    store.confirm("later still").unwrap();
    assert_eq!(store.meta().unwrap().unwrap().cursor.as_deref(), Some("moved"));
}
