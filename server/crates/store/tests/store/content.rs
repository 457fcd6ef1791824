//! What goes in comes out: findings, index and the source's state, through one replacement and the next.

use std::collections::BTreeMap;

use crate::support::{fill, finding, meta, open, plain, plain_ones};
use aspm_store::{Error, SourceMeta};
use finding::{Finding, FindingId, Index, IndexBuilder, RowFacts};
use proptest::prelude::*;

pub(crate) type Line = (String, String, String, String, String, u32, String);

/// An index as plain data, in its order.
pub(crate) fn lines(index: &Index) -> Vec<Line> {
    index
        .rows()
        .iter()
        .map(|row| {
            (
                index.path(row).to_owned(),
                row.id.to_string(),
                index.rule(row).to_owned(),
                index.message(row).to_owned(),
                index.tool(row).to_owned(),
                row.line,
                format!("{:?} {:?} {:?}", row.severity, row.status, row.kind),
            )
        })
        .collect()
}

pub(crate) fn built<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Line> {
    let mut builder = IndexBuilder::default();
    for finding in findings {
        builder.push(RowFacts::of(finding));
    }
    lines(&builder.finish())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_findings_come_back_as_they_were_and_the_last_content_is_the_only_one(
        contents in prop::collection::vec(prop::collection::vec(finding(), 0..12), 1..4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        for (round, content) in contents.iter().enumerate() {
            // Some of the earlier content stays, some goes, some changes.
            let before = round.checked_sub(1).map_or(&[][..], |round| &contents[round]);
            let content: Vec<Finding> = before.iter().take(3).chain(content).cloned().collect();
            let stored = fill(&mut store, &content);
            prop_assert_eq!(stored.revision, round as u64 + 1);
            let expected: BTreeMap<&str, &Finding> = content.iter().map(|one| (one.id.as_str(), one)).collect();

            let other = open(folder.path());
            let (read, index) = other.load_index().unwrap();
            prop_assert_eq!(&read, &stored);
            prop_assert_eq!(read.findings, expected.len());
            prop_assert_eq!(lines(&index), built(expected.values().copied()));
            for one in &content {
                let found = other.finding(&one.id).unwrap();
                prop_assert_eq!(found.as_ref(), expected.get(one.id.as_str()).copied());
            }
            for gone in before.iter().filter(|one| !expected.contains_key(one.id.as_str())) {
                prop_assert_eq!(other.finding(&gone.id).unwrap(), None);
            }
            let mut paths: Vec<&str> =
                expected.values().map(|one| one.evidence.path.as_deref().unwrap_or("")).collect();
            paths.sort_unstable();
            paths.dedup();
            let found = other.findings_at(&paths).unwrap();
            let order: Vec<&FindingId> = index.rows().iter().map(|row| &row.id).collect();
            prop_assert_eq!(found.iter().map(|one| &one.id).collect::<Vec<_>>(), order);
            for one in &found {
                prop_assert_eq!(Some(&one), expected.get(one.id.as_str()));
            }
        }
    }
}

#[test]
fn a_new_cache_says_that_nothing_was_synced() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    assert_eq!(store.meta().unwrap(), None);
    assert_eq!(store.revision().unwrap(), 0);
    assert!(matches!(store.load_index(), Err(Error::NeverSynced { .. })));
    assert!(matches!(store.confirm("2026-01-01T00:00:00Z"), Err(Error::NeverSynced { .. })));
    assert_eq!(store.findings_at(&["src/file1.py"]).unwrap(), []);
}

#[test]
fn a_source_without_findings_was_synced_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    fill(&mut store, &plain_ones(5, "old"));
    fill(&mut store, &[]);
    let (meta, index) = store.load_index().unwrap();
    assert_eq!((meta.revision, meta.findings, index.rows().len()), (2, 0, 0));
}

#[test]
fn the_source_s_state_is_kept_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let given = SourceMeta {
        revision: 77,
        findings: 77,
        cursor: Some("W/\"etag\"".into()),
        synced_at: "2026-01-02T03:04:05Z".into(),
        scanned_at: Some("2026-01-01T00:00:00Z".into()),
        scan_commit: Some("0123456789abcdef0123456789abcdef01234567".into()),
        assumed_commit: Some("fedcba9876543210fedcba9876543210fedcba98".into()),
        problems: vec!["Part of the log was cut.".into()],
        is_incomplete: true,
        application: Some(finding::SourceApplication {
            criticality: Some("high".into()),
            ..finding::SourceApplication::default()
        }),
        tools: vec!["Bandit".into()],
    };
    let stored = store.replace().unwrap().commit(given.clone()).unwrap();
    assert_eq!(stored, SourceMeta { revision: 1, findings: 0, ..given });
    assert_eq!(open(folder.path()).meta().unwrap(), Some(stored.clone()));

    store.confirm("2026-02-02T00:00:00Z").unwrap();
    let confirmed = SourceMeta { synced_at: "2026-02-02T00:00:00Z".into(), ..stored };
    assert_eq!(open(folder.path()).meta().unwrap(), Some(confirmed));
}

#[test]
fn a_replacement_that_is_dropped_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let old = plain_ones(20, "old");
    fill(&mut store, &old);
    let mut replace = store.replace().unwrap();
    replace.push(plain(3, "new")).unwrap();
    drop(replace);
    assert_eq!(store.revision().unwrap(), 1);
    assert_eq!(lines(&store.load_index().unwrap().1), built(&old));
    assert_eq!(store.finding(&old[3].id).unwrap().as_ref(), Some(&old[3]));
    // And the one that follows does not inherit what was dropped.
    fill(&mut store, &old[..1]);
    assert_eq!(lines(&store.load_index().unwrap().1), built(&old[..1]));
}

#[test]
fn of_two_findings_with_one_id_the_later_counts() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let stored = fill(&mut store, &[plain(1, "first"), plain(1, "second")]);
    assert_eq!(stored.findings, 1);
    assert_eq!(store.finding(&plain(1, "").id).unwrap(), Some(plain(1, "second")));
}

#[test]
fn findings_come_path_by_path_in_the_order_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    fill(&mut store, &plain_ones(30, "x"));
    let found = store.findings_at(&["src/file2.py", "unknown.py", "src/file1.py"]).unwrap();
    let numbers: Vec<usize> = [2, 13, 24, 1, 12, 23].to_vec();
    assert_eq!(found, numbers.into_iter().map(|number| plain(number, "x")).collect::<Vec<_>>());
}

#[test]
fn an_index_of_several_parts_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let long = "long ".repeat(40);
    let findings = plain_ones(6_000, &long);
    fill(&mut store, &findings);
    let parts: i64 = rusqlite::Connection::open(store.path().unwrap())
        .unwrap()
        .query_row("SELECT count(*) FROM packed", [], |row| row.get(0))
        .unwrap();
    assert!(parts > 1, "{parts}");
    assert_eq!(lines(&store.load_index().unwrap().1), built(&findings));
}

#[test]
fn the_rows_give_the_same_index_when_the_packed_one_is_missing_or_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    fill(&mut store, &plain_ones(50, "x"));
    for change in ["UPDATE packed SET revision = revision - 1", "DELETE FROM packed"] {
        rusqlite::Connection::open(store.path().unwrap()).unwrap().execute(change, []).unwrap();
        let (read, index) = store.load_index().unwrap();
        assert_eq!(read.findings, 50);
        assert_eq!(lines(&index), built(&plain_ones(50, "x")), "{change}");
    }
}

#[test]
fn content_that_did_not_change_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let mut findings = plain_ones(40, "x");
    fill(&mut store, &findings);
    let other = rusqlite::Connection::open(store.path().unwrap()).unwrap();
    let numbers = |other: &rusqlite::Connection| -> Vec<(i64, String)> {
        let mut statement = other.prepare("SELECT number, id FROM finding ORDER BY number").unwrap();
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    let before = numbers(&other);
    findings.reverse();
    findings[4].message.push_str(" again");
    let stored = fill(&mut store, &findings);
    assert_eq!(stored.revision, 2);
    assert_eq!(numbers(&other), before);
    assert_eq!(store.finding(&findings[4].id).unwrap(), Some(findings[4].clone()));
}

#[test]
fn rules_are_stored_once_and_go_with_their_last_finding() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    fill(&mut store, &plain_ones(40, "x"));
    let rules = |path: &std::path::Path| -> i64 {
        let other = rusqlite::Connection::open(path).unwrap();
        other.query_row("SELECT count(*) FROM rule", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(rules(store.path().unwrap()), 7);
    let mut one = plain(1, "x");
    one.rule.explanation = Some("Its own words.".into());
    fill(&mut store, &[one.clone(), plain(8, "x")]);
    assert_eq!(rules(store.path().unwrap()), 2);
    assert_eq!(store.finding(&one.id).unwrap(), Some(one));
}

#[test]
fn a_cache_belongs_to_one_origin_product_and_account() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    fill(&mut store, &plain_ones(2, "x"));
    let other = aspm_store::Key { account: "somebody else".into(), ..crate::support::key() };
    assert_eq!(aspm_store::Store::open(folder.path(), &other).store.meta().unwrap(), None);
    assert_eq!(open(folder.path()).meta().unwrap().unwrap().synced_at, meta().synced_at);
}

#[test]
fn a_store_may_move_between_threads() {
    fn moves<T: Send>() {}
    moves::<aspm_store::Store>();
}
