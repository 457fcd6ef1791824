//! How the host behaves, as a specification. Jobs are performed by hand here, with the real anchor.

use std::path::PathBuf;
use std::sync::Arc;

use aspm_engine::{
    Attention, ByteEdit, Change, DiskChange, Effects, FileRef, HomeNote, Host, Job, Judged, Law, Mapping, PlaceJob,
    Placed, Placing, Pulled, RootFacts, RootId, RootSpec, ScannedPath, SourceMeta,
};
use config::{Config, Settings};
use finding::wire::{ServerState, SourceState};
use finding::{
    Action, Evidence, Finding, Index, IndexBuilder, Kind, Placement, Reason, Region, RowFacts, Rule, Severity, State,
    Status, StatusValue, Tool, Verdict,
};

const ROOT: RootId = RootId(0);
const URI: &str = "file:///ws/a.py";
const TEXT: &str = "import os\n\neval(x)\n";

fn finding(id: &str, path: &str, line: u32, severity: Severity) -> Finding {
    Finding {
        id: finding::FindingId::from_stored(id),
        source: "sarif".to_owned(),
        kind: Kind::Code,
        tool: Tool { name: "Bandit".to_owned(), version: None },
        rule: Rule { id: "B307".to_owned(), ..Rule::default() },
        message: "Use of eval".to_owned(),
        severity,
        confidence: None,
        cvss: None,
        epss: None,
        known_exploited: None,
        due: None,
        vulnerability_ids: Vec::new(),
        evidence: Evidence { path: Some(path.to_owned()), region: Some(Region::line(line)), ..Evidence::default() },
        related: Vec::new(),
        flow: Vec::new(),
        component: None,
        status: Status::default(),
        first_seen: None,
        last_seen: None,
        notes: Vec::new(),
        fixes: Vec::new(),
        link: None,
    }
}

fn index(findings: &[Finding]) -> Arc<Index> {
    let mut builder = IndexBuilder::default();
    for finding in findings {
        builder.push(RowFacts::of(finding));
    }
    Arc::new(builder.finish())
}

/// A host whose one root has everything but its file list.
fn loaded(findings: &[Finding]) -> Host {
    let mut host = Host::default();
    let spec = RootSpec { path: PathBuf::from("/ws"), name: "ws".to_owned() };
    host.apply(Change::Roots { added: vec![spec], removed: Vec::new() });
    let facts = RootFacts {
        config: Config::default_for_root(),
        is_configured: true,
        problems: Vec::new(),
        head: None,
        law: Law::default(),
    };
    host.apply(Change::RootLoaded { root: ROOT, facts: Box::new(facts) });
    pull(&mut host, 1, findings);
    host
}

fn pull(host: &mut Host, revision: u64, findings: &[Finding]) -> Effects {
    let meta = SourceMeta { revision, ..SourceMeta::default() };
    let pulled = Pulled { meta, index: Some(index(findings)), has_data: true };
    host.apply(Change::Pulled { root: ROOT, source: "sarif".into(), result: Ok(pulled) })
}

fn list(host: &mut Host, files: &[&str]) -> Effects {
    let files = files.iter().map(|path| Arc::from(*path)).collect();
    host.apply(Change::Listed { root: ROOT, files, notices: Vec::new() })
}

/// Performs a mapping job: every path is its own home.
fn map(host: &mut Host, effects: &Effects) -> Effects {
    let Some(Job::Map { generation, indexes, .. }) = effects.jobs.iter().find(|job| matches!(job, Job::Map { .. }))
    else {
        panic!("no mapping was asked for: {:?}", effects.jobs);
    };
    let mut mapping = Mapping::default();
    for (source, index) in indexes.iter().enumerate() {
        for path in index.paths() {
            mapping.homes.insert(path.clone(), (vec![ScannedPath { source, path }], HomeNote::Same));
        }
    }
    host.apply(Change::Mapped { root: ROOT, generation: *generation, mapping })
}

fn open(host: &mut Host, text: &str) -> Effects {
    host.apply(Change::Opened {
        uri: URI.into(),
        path: Some(PathBuf::from("/ws/a.py")),
        language: "python".to_owned(),
        version: 1,
        text: text.to_owned(),
    })
}

fn edit(host: &mut Host, version: i32, at: usize, len: usize, text: &str) -> Effects {
    let edits = vec![ByteEdit { range: at..at + len, text: text.to_owned() }];
    host.apply(Change::Edited { uri: URI.into(), version, edits })
}

fn place_job(effects: &Effects) -> Option<&PlaceJob> {
    effects.jobs.iter().find_map(|job| if let Job::Place(job) = job { Some(&**job) } else { None })
}

/// Performs a placement job in the simplest way: the flagged text is looked for.
fn perform(job: &PlaceJob, all: &[Finding]) -> Change {
    let index = &job.indexes[0];
    let members: Vec<&Finding> = index
        .of_path(&job.home)
        .iter()
        .map(|row| all.iter().find(|finding| finding.id == row.id).expect("a finding of this test"))
        .collect();
    let text = job.documents.first().map_or("", |document| &document.text);
    let placed = members
        .iter()
        .enumerate()
        .map(|(at, _)| {
            let at = u32::try_from(at).expect("few");
            let placement = match text.find("eval(x)") {
                Some(start) => Placement {
                    state: State::Exact,
                    path: Some(job.home.clone()),
                    range: Some(start..start + 7),
                    confidence: 1.0,
                    reason: Reason::new("found"),
                    suppressed_by: None,
                },
                None => Placement::gone(job.home.clone(), 0.9, "gone"),
            };
            Placed { source: 0, row: at, placement, leader: at, judged: Judged::default(), package: None, steps: None }
        })
        .collect();
    let documents = job.documents.iter().map(|document| (document.uri.clone(), document.edition, None)).collect();
    let details = members.into_iter().map(|finding| Arc::new(finding.clone())).collect();
    let placing = Placing {
        home: job.home.clone(),
        generation: job.generation,
        details,
        placed,
        documents,
        is_changed: false,
        consulted: Vec::new(),
        changed: Vec::new(),
        problems: Vec::new(),
    };
    Change::Placed { root: ROOT, placing: Box::new(placing) }
}

fn file() -> FileRef {
    FileRef { root: ROOT, path: "a.py".into() }
}

fn shown_text(host: &Host) -> Vec<String> {
    let snapshot = host.snapshot();
    let document = snapshot.document(URI).expect("open").clone();
    snapshot
        .shown(&file())
        .iter()
        .map(|shown| document.text[shown.range().expect("a range").clone()].to_owned())
        .collect()
}

#[test]
fn an_open_file_is_placed_before_the_file_list_is_there() {
    let all = [finding("s:1", "a.py", 3, Severity::High)];
    let mut host = loaded(&all);
    let effects = open(&mut host, TEXT);
    let job = perform(place_job(&effects).expect("placed at once"), &all);
    let effects = host.apply(job);
    assert!(effects.publish.contains(&file()));
    assert_eq!(shown_text(&host), ["eval(x)"]);
}

#[test]
fn an_edit_moves_ranges_at_once_and_is_verified_after() {
    let all = [finding("s:1", "a.py", 3, Severity::High)];
    let mut host = loaded(&all);
    let opened = open(&mut host, TEXT);
    host.apply(perform(place_job(&opened).expect("a job"), &all));
    let edited = edit(&mut host, 2, 0, 0, "# new\n");
    assert_eq!(shown_text(&host), ["eval(x)"], "shifted without any job");
    assert!(edited.publish.is_empty(), "published when verified, not twice");
    assert!(!host.snapshot().shown(&file()).is_empty());
    let effects = host.apply(perform(place_job(&edited).expect("verification"), &all));
    assert_eq!(effects.publish, [file()]);
}

#[test]
fn a_result_of_an_older_version_is_dropped_and_asked_for_anew() {
    let all = [finding("s:1", "a.py", 3, Severity::High)];
    let mut host = loaded(&all);
    let opened = open(&mut host, TEXT);
    let old = perform(place_job(&opened).expect("a job"), &all);
    let edited = edit(&mut host, 2, 0, 0, "# new\n");
    assert!(place_job(&edited).is_none(), "one job a group at a time");
    let effects = host.apply(old);
    assert!(effects.publish.is_empty());
    let again = place_job(&effects).expect("the newest text is placed next");
    assert!(again.documents[0].text.starts_with("# new"));
    host.apply(perform(again, &all));
    assert_eq!(shown_text(&host), ["eval(x)"]);
}

#[test]
fn a_result_of_an_older_text_is_dropped_also_when_the_client_repeats_the_version() {
    let all = [finding("s:1", "a.py", 3, Severity::High)];
    let mut host = loaded(&all);
    let opened = open(&mut host, TEXT);
    let old = perform(place_job(&opened).expect("a job"), &all);
    edit(&mut host, 1, 0, 0, "# new\n");
    let effects = host.apply(old);
    assert!(effects.publish.is_empty());
    host.apply(perform(place_job(&effects).expect("the newest text is placed next"), &all));
    assert_eq!(shown_text(&host), ["eval(x)"]);
}

#[test]
fn slow_verification_shows_the_shifted_set_meanwhile_but_only_then() {
    let all = [finding("s:1", "a.py", 3, Severity::High)];
    let mut host = loaded(&all);
    let opened = open(&mut host, TEXT);
    host.apply(perform(place_job(&opened).expect("a job"), &all));
    let edited = edit(&mut host, 2, 0, 0, "\n");
    let job = place_job(&edited).expect("a job");
    let late = |generation| Change::Late { root: ROOT, home: "a.py".into(), generation };
    let effects = host.apply(late(job.generation));
    assert!(effects.is_late);
    assert_eq!(effects.publish, [file()]);
    host.apply(perform(job, &all));
    assert!(host.apply(late(job.generation)).publish.is_empty(), "done is not late");
}

#[test]
fn deleting_the_code_hides_the_finding_and_undo_brings_it_back() {
    let all = [finding("s:1", "a.py", 3, Severity::High)];
    let mut host = loaded(&all);
    let opened = open(&mut host, TEXT);
    host.apply(perform(place_job(&opened).expect("a job"), &all));
    let deleted = edit(&mut host, 2, 11, 8, "");
    host.apply(perform(place_job(&deleted).expect("a job"), &all));
    assert!(shown_text(&host).is_empty());
    let undone = edit(&mut host, 3, 11, 0, "eval(x)\n");
    host.apply(perform(place_job(&undone).expect("a job"), &all));
    assert_eq!(shown_text(&host), ["eval(x)"]);
}

#[test]
fn a_new_revision_shows_the_old_findings_until_the_new_ones_are_placed() {
    let all = [finding("s:1", "a.py", 3, Severity::High)];
    let mut host = loaded(&all);
    let effects = list(&mut host, &["a.py"]);
    map(&mut host, &effects);
    let opened = open(&mut host, TEXT);
    host.apply(perform(place_job(&opened).expect("a job"), &all));
    let more = [all[0].clone(), finding("s:2", "a.py", 3, Severity::Low)];
    let pulled = pull(&mut host, 2, &more);
    let mapped = map(&mut host, &pulled);
    assert_eq!(host.snapshot().shown(&file()).len(), 1, "nothing flickers");
    host.apply(perform(place_job(&mapped).expect("a job"), &more));
    assert_eq!(host.snapshot().shown(&file()).len(), 2);
}

#[test]
fn closed_statuses_and_mild_findings_below_the_setting_are_not_shown() {
    let mut closed = finding("s:1", "a.py", 3, Severity::High);
    closed.status.value = StatusValue::FalsePositive;
    let all = [closed, finding("s:2", "a.py", 3, Severity::Low), finding("s:3", "a.py", 3, Severity::High)];
    let mut host = loaded(&all);
    let opened = open(&mut host, TEXT);
    host.apply(perform(place_job(&opened).expect("a job"), &all));
    assert_eq!(host.snapshot().shown(&file()).len(), 2);
    let settings = Settings { minimum_severity: Severity::Medium, ..Settings::default() };
    let effects = host.apply(Change::Settings(settings, Vec::new()));
    assert!(effects.publish.contains(&file()));
    let shown = host.snapshot().shown(&file());
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].attention, Attention::Urgent);
}

#[test]
fn no_data_and_no_findings_never_look_alike() {
    let mut host = loaded(&[]);
    let effects = list(&mut host, &["a.py"]);
    map(&mut host, &effects);
    let status = host.snapshot().status();
    assert_eq!((status.state, status.sources[0].state), (ServerState::Ready, SourceState::Ready));
    let nothing = Pulled { meta: SourceMeta::default(), index: Some(index(&[])), has_data: false };
    let effects = host.apply(Change::Pulled { root: ROOT, source: "sarif".into(), result: Ok(nothing) });
    map(&mut host, &effects);
    let status = host.snapshot().status();
    assert_eq!((status.state, status.sources[0].state), (ServerState::Degraded, SourceState::NoData));
}

#[test]
fn a_folder_that_has_nothing_to_do_with_findings_is_not_called_degraded() {
    let mut host = Host::default();
    let spec = RootSpec { path: PathBuf::from("/ws"), name: "ws".to_owned() };
    host.apply(Change::Roots { added: vec![spec], removed: Vec::new() });
    let facts = RootFacts {
        config: Config::default_for_root(),
        is_configured: false,
        problems: Vec::new(),
        head: None,
        law: Law::default(),
    };
    host.apply(Change::RootLoaded { root: ROOT, facts: Box::new(facts) });
    let meta = SourceMeta { problems: vec!["no log".to_owned()], ..SourceMeta::default() };
    let nothing = Pulled { meta, index: Some(index(&[])), has_data: false };
    host.apply(Change::Pulled { root: ROOT, source: "sarif".into(), result: Ok(nothing) });
    let effects = list(&mut host, &["a.py"]);
    map(&mut host, &effects);
    assert_eq!(host.snapshot().status().state, ServerState::NotConfigured);
}

#[test]
fn a_failed_read_keeps_the_findings_and_says_so() {
    let mut host = loaded(&[finding("s:1", "a.py", 3, Severity::High)]);
    host.apply(Change::Pulled { root: ROOT, source: "sarif".into(), result: Err("The log is broken.".to_owned()) });
    let status = host.snapshot().status();
    assert_eq!(status.sources[0].state, SourceState::Partial);
    assert_eq!(status.sources[0].findings, 1);
    assert_eq!(status.sources[0].problems, ["The log is broken."]);
}

#[test]
fn a_change_of_a_log_or_of_aspm_toml_or_of_head_reads_the_root_again() {
    let mut host = loaded(&[]);
    for (path, change) in [
        ("/ws/.aspm/a.sarif", DiskChange::Content),
        ("/ws/aspm.toml", DiskChange::Content),
        ("/elsewhere/.git/HEAD", DiskChange::Head),
    ] {
        let effects = host.apply(Change::Disk { changes: vec![(PathBuf::from(path), change)] });
        assert!(effects.jobs.iter().any(|job| matches!(job, Job::LoadRoot { .. })), "{path}");
    }
    let other = host.apply(Change::Disk { changes: vec![(PathBuf::from("/ws/b.py"), DiskChange::Content)] });
    assert!(other.jobs.is_empty());
}

#[test]
fn a_removed_folder_takes_its_findings_along() {
    let all = [finding("s:1", "a.py", 3, Severity::High)];
    let mut host = loaded(&all);
    let opened = open(&mut host, TEXT);
    host.apply(perform(place_job(&opened).expect("a job"), &all));
    let effects = host.apply(Change::Roots { added: Vec::new(), removed: vec![PathBuf::from("/ws")] });
    assert!(effects.publish.contains(&file()));
    assert!(host.snapshot().shown(&file()).is_empty());
    assert_eq!(host.snapshot().counts().open, 0);
}

#[test]
fn the_innermost_of_nested_folders_owns_a_file() {
    let mut host = loaded(&[]);
    let spec = RootSpec { path: PathBuf::from("/ws/inner"), name: "inner".to_owned() };
    host.apply(Change::Roots { added: vec![spec], removed: Vec::new() });
    let file = host.snapshot().file_of(&PathBuf::from("/ws/inner/a.py")).expect("in a root");
    assert_eq!((file.root, &*file.path), (RootId(1), "a.py"));
}

fn judged(action: Action) -> Judged {
    let verdict = Verdict { action, risk: 50, due: None, factors: Vec::new(), reasons: Vec::new() };
    Judged { verdict: Some(Arc::new(verdict)), ..Judged::default() }
}

#[test]
fn a_verdict_decides_how_loudly_a_finding_speaks() {
    let at = |state| Placement { state, range: Some(0..1), ..Placement::gone("a.py".into(), 0.9, "") };
    let suppressed = Placement { suppressed_by: Some("# nosec".into()), ..at(State::Exact) };
    let open = StatusValue::Open;
    let cases = [
        (Severity::Low, open, at(State::Exact), judged(Action::Block), Attention::Urgent),
        (Severity::Critical, open, at(State::Exact), judged(Action::Inform), Attention::Inform),
        (Severity::Critical, open, at(State::Exact), judged(Action::Hide), Attention::Hidden),
        (Severity::Critical, open, at(State::Uncertain), judged(Action::Block), Attention::Inform),
        (Severity::Critical, open, at(State::Gone), judged(Action::Block), Attention::Hidden),
        // A comment that was reviewed greys; one of this change only lowers what policy says.
        (Severity::Critical, open, suppressed.clone(), judged(Action::Inform), Attention::Hint),
        (Severity::Critical, open, suppressed.clone(), judged(Action::Warn), Attention::Warn),
        // A status of the source counts only as far as policy lets it.
        (Severity::High, StatusValue::FalsePositive, at(State::Exact), judged(Action::Block), Attention::Urgent),
        // Without a verdict nothing falls silent but what somebody closed.
        (Severity::High, open, at(State::Edited), Judged::default(), Attention::Urgent),
        (Severity::High, StatusValue::Mitigated, at(State::Exact), Judged::default(), Attention::Hidden),
        (Severity::High, open, suppressed, Judged::default(), Attention::Hint),
    ];
    for (severity, status, placement, judged, expected) in cases {
        let found = Attention::of(severity, status, &placement, &judged);
        assert_eq!(found, expected, "{severity:?} {status:?} {placement:?} {judged:?}");
    }
}

#[test]
fn another_law_has_everything_judged_anew_and_the_same_law_nothing() {
    let findings = [finding("1", "a.py", 3, Severity::High)];
    let mut host = loaded(&findings);
    let effects = list(&mut host, &["a.py"]);
    map(&mut host, &effects);
    let job = open(&mut host, TEXT);
    let done = perform(place_job(&job).expect("a job"), &findings);
    host.apply(done);
    assert!(host.snapshot().is_verified(&file()));
    let facts = |revision| {
        let law = Law { revision, ..Law::default() };
        let config = Config::default_for_root();
        let facts = RootFacts { config, is_configured: true, problems: Vec::new(), head: None, law };
        Change::RootLoaded { root: ROOT, facts: Box::new(facts) }
    };
    let effects = host.apply(facts(7));
    assert!(place_job(&effects).is_some_and(|job| job.known.len() == 1), "what was known goes along");
    assert!(!host.snapshot().is_verified(&file()));
    let done = perform(place_job(&effects).expect("a job"), &findings);
    host.apply(done);
    assert!(place_job(&host.apply(facts(7))).is_none());
}

#[test]
fn what_was_begun_under_another_law_does_not_count() {
    let all = [finding("1", "a.py", 1, Severity::High)];
    let mut host = loaded(&all);
    let listed = list(&mut host, &["a.py"]);
    map(&mut host, &listed);
    let begun = open(&mut host, "eval(x)\n");
    let old = perform(place_job(&begun).expect("a job"), &all);
    let facts = RootFacts {
        config: Config::default_for_root(),
        is_configured: true,
        problems: Vec::new(),
        head: None,
        law: Law { revision: 7, ..Law::default() },
    };
    let effects = host.apply(Change::RootLoaded { root: ROOT, facts: Box::new(facts) });
    let anew = place_job(&effects).expect("asked for anew at once");
    host.apply(old);
    assert!(!host.snapshot().is_verified(&file()), "judged by a law that is over");
    host.apply(perform(anew, &all));
    assert!(host.snapshot().is_verified(&file()));
}
