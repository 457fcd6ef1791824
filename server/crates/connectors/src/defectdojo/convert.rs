//! From a row of the server to a finding.

use finding::{Confidence, Evidence, Finding, FindingId, FlowStep, Kind, NaturalKey, Region, ScanPath};
use url::Url;

use super::place::{Place, place};
use super::schema::Row;
use super::{code, package, rule, state};
use crate::sarif::kind::{Traits, kind};

/// Fingerprint: the finding's number at the server.
pub(super) const NUMBER: &str = "defectdojo/id";
/// Fingerprint: its flags, as [`state::state`] gives them.
pub(super) const STATE: &str = "defectdojo/state";
/// Fingerprint, may come several times: numbers that it had before.
pub(super) const WAS: &str = "defectdojo/was";
/// Fingerprint: the number whose decision stands here.
pub(super) const CARRIED: &str = "defectdojo/carried";
/// Fingerprint: when the server first had this number, RFC 3339.
pub(super) const CREATED: &str = "defectdojo/created";
/// Fingerprint: when its state last changed, RFC 3339.
pub(super) const CHANGED: &str = "defectdojo/changed";
/// Fingerprint: the server's own, over fields that differ from tool to tool.
const HASH: &str = "defectdojo/hash";

/// What a conversion needs from outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Converter<'a> {
    pub(super) source: &'a str,
    /// The server's address.
    pub(super) base: &'a Url,
}

impl Converter<'_> {
    /// The finding of `row`, whose number is `number`, without its identity yet. `is_same_place` says of a duplicate
    /// whether its original stands at the same place.
    pub(super) fn finding(&self, row: &Row, number: i64, is_same_place: bool) -> Finding {
        let tool = rule::tool(row);
        let rule = rule::rule(row, &tool.name);
        let place = place(row.file_path.as_deref());
        let path = if let Place::File(path) = &place { Some(path.clone()) } else { None };
        let evidence = evidence(row, path.as_ref(), number);
        let component = package::component(row, &tool.name);
        let vulnerability_ids: Vec<String> =
            row.vulnerability_ids.iter().filter_map(|known| known.vulnerability_id.clone()).collect();
        let is_dynamic = state::is(row.dynamic_finding) && !state::is(row.static_finding);
        let is_elsewhere = place == Place::Endpoint || (path.is_none() && component.is_none() && is_dynamic);
        let traits = Traits {
            tool: &tool.name,
            tags: &rule.tags,
            rule: &rule.id,
            has_vulnerability: !vulnerability_ids.is_empty(),
            has_component: component.is_some(),
            is_image: place == Place::Image,
            is_elsewhere,
        };
        let kind = match kind(traits) {
            Kind::Code if component.is_some() && evidence.region.is_none() => Kind::Dependency,
            kind => kind,
        };
        Finding {
            id: FindingId::from_stored(""),
            source: self.source.to_owned(),
            kind,
            severity: rule::severity(row),
            confidence: confidence(row),
            cvss: row.cvssv3_score.or(row.cvssv4_score).and_then(|score| within(score, 10.0)),
            epss: row.epss_score.and_then(|score| within(score, 1.0)),
            known_exploited: row.known_exploited,
            vulnerability_ids,
            message: rule::message(row),
            flow: path.as_ref().map_or_else(Vec::new, |path| flow(row, path)),
            related: Vec::new(),
            component,
            status: state::status(row, is_same_place),
            first_seen: state::time(row.created.as_deref()),
            last_seen: None,
            due: row
                .sla_expiration_date
                .as_deref()
                .and_then(|date| date.get(..10)?.parse::<jiff::civil::Date>().ok())
                .map(|date| date.to_string()),
            notes: state::notes(row),
            fixes: Vec::new(),
            link: self.base.join(&format!("finding/{number}")).ok().map(|url| url.to_string()),
            evidence,
            tool,
            rule,
        }
    }
}

/// What identity is made of: nothing that an edit elsewhere in the file or a reimport changes.
pub(super) fn natural(finding: &Finding) -> NaturalKey<'_> {
    let component = finding.component.as_ref().map(|component| component.name.as_str());
    // Of the message only what is said first: the rest tells line numbers.
    let said = finding::text::first_line(&finding.message);
    let line = finding.evidence.snippet.as_deref().or(component).unwrap_or(said);
    NaturalKey {
        tool: &finding.tool.name,
        rule: &finding.rule.id,
        path: finding.evidence.path.as_deref().unwrap_or(""),
        line,
    }
}

/// The number that `finding` has at the server.
pub(super) fn number(finding: &Finding) -> Option<i64> {
    print(finding, NUMBER)?.parse().ok()
}

/// A fingerprint by name.
pub(super) fn print<'f>(finding: &'f Finding, name: &str) -> Option<&'f str> {
    prints(finding, name).next()
}

pub(super) fn prints<'f>(finding: &'f Finding, name: &str) -> impl Iterator<Item = &'f str> {
    finding.evidence.fingerprints.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn evidence(row: &Row, path: Option<&ScanPath>, number: i64) -> Evidence {
    let line = row.line.and_then(|line| u32::try_from(line).ok()).filter(|line| *line > 0 && path.is_some());
    let description = row.description.as_deref().unwrap_or_default();
    let mut code = code::code(description, line);
    if code.snippet.is_none() && code.context.is_none() {
        code.snippet = line.and_then(|line| code::step_at(description, line)).map(str::to_owned);
    }
    let shown = code.snippet.as_deref().map_or(1, |text| text.lines().count().max(1));
    let end = code::field(description, "endLine").and_then(|end| end.parse::<u32>().ok());
    let region = line.map(|line| {
        let shown = u32::try_from(shown - 1).ok().and_then(|more| line.checked_add(more)).unwrap_or(line);
        let end_line = end.filter(|end| *end >= line).unwrap_or(shown);
        Region { end_line, ..Region::line(line) }
    });
    let test = row.related_fields.as_ref().and_then(|related| related.test.as_ref());
    let engagement = test.and_then(|test| test.engagement.as_ref());
    let first = |of_test: Option<&String>, of_engagement: Option<&String>| {
        let given = [of_test, of_engagement].into_iter().flatten().map(|text| text.trim());
        given.filter(|text| !text.is_empty()).map(str::to_owned).next()
    };
    let commit = first(
        test.and_then(|test| test.commit_hash.as_ref()),
        engagement.and_then(|engagement| engagement.commit_hash.as_ref()),
    );
    let is_commit = |id: &String| (7..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut fingerprints = vec![(NUMBER.to_owned(), number.to_string()), (STATE.to_owned(), state::state(row))];
    let dates = [(CREATED, &row.created), (CHANGED, &row.last_status_update)];
    fingerprints
        .extend(dates.into_iter().filter_map(|(name, date)| Some((name.to_owned(), state::time(date.as_deref())?))));
    let hash = row.hash_code.as_ref().filter(|hash| !hash.is_empty());
    fingerprints.extend(hash.map(|hash| (HASH.to_owned(), hash.clone())));
    Evidence {
        path: path.cloned(),
        region,
        snippet: code.snippet.filter(|_| region.is_some()),
        context: code.context.filter(|_| region.is_some()),
        commit: commit.filter(is_commit).map(|id| id.to_ascii_lowercase()),
        branch: first(
            test.and_then(|test| test.branch_tag.as_ref()),
            engagement.and_then(|engagement| engagement.branch_tag.as_ref()),
        ),
        fingerprints,
        symbol: None,
    }
}

/// The steps of the description where it lists them, else from source to sink.
fn flow(row: &Row, path: &ScanPath) -> Vec<FlowStep> {
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
    let from = match place(row.sast_source_file_path.as_deref()) {
        Place::File(path) => path,
        _ => path.clone(),
    };
    let listed = code::steps(row.description.as_deref().unwrap_or_default(), path, &from);
    if !listed.is_empty() {
        return listed;
    }
    let line = |line: Option<i64>| line.and_then(|line| u32::try_from(line).ok()).filter(|line| *line > 0);
    let (source, sink) = (text(&row.sast_source_object), text(&row.sast_sink_object));
    let Some(source_line) = line(row.sast_source_line) else { return Vec::new() };
    let step = |path: &ScanPath, line: Option<u32>, message: String| FlowStep {
        evidence: Evidence { path: Some(path.clone()), region: line.map(Region::line), ..Evidence::default() },
        message,
    };
    vec![step(&from, Some(source_line), source), step(path, line(row.line), sink)]
}

fn confidence(row: &Row) -> Option<Confidence> {
    Some(match row.scanner_confidence? {
        ..=2 => Confidence::High,
        3..=5 => Confidence::Medium,
        _ => Confidence::Low,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "scores have a digit or five")]
fn within(score: f64, most: f64) -> Option<f32> {
    (0.0..=most).contains(&score).then_some(score as f32)
}
