//! `aspm/findings` and `aspm/finding`: what panels and lists show, open files or not.

use std::sync::Arc;

use engine::{FileRef, Judged, Root, Snapshot};
use finding::wire::{FindingDetail, FindingInfo, FindingsPage, FindingsQuery, Listed, StepInfo, VERSION};
use finding::{Finding, FlowStep, Placement};
use lsp_types::{LspAny, Range, Uri};
use serde::Deserialize as _;
use tower_lsp::jsonrpc::{Error, Result};

use super::page;
use crate::lsp::answer::answer;
use crate::lsp::placed;
use crate::lsp::session::{Session, uri_of};
use crate::present::page as pages;
use crate::report::texts::Texts;
use crate::report::whole::Member;
use crate::report::{self, listed};

const DEFAULT: usize = 100;
const MOST: usize = 1_000;

pub(in crate::lsp) async fn list(session: &Arc<Session>, params: LspAny) -> Result<FindingsPage<Range>> {
    answer(session, "aspm/findings", move |session, snapshot, _| chosen(session, snapshot, &params)).await
}

pub(in crate::lsp) async fn one(session: &Arc<Session>, params: LspAny) -> Result<FindingDetail<Range>> {
    answer(session, "aspm/finding", move |session, snapshot, _| detail(session, snapshot, &params)).await
}

pub(super) fn chosen(session: &Session, snapshot: &Snapshot, params: &LspAny) -> Result<FindingsPage<Range>> {
    if !matches!(params, LspAny::Null | LspAny::Object(_)) {
        return Err(Error::invalid_params("aspm/findings: the parameters are an object of filters"));
    }
    let query = if params.is_null() { Ok(FindingsQuery::default()) } else { FindingsQuery::deserialize(params) };
    let query = query.map_err(|error| Error::invalid_params(format!("aspm/findings: {error}")))?;
    let below = query.uri.as_deref().map(|uri| {
        let path = Uri::parse(uri).ok().and_then(|uri| uri.to_file_path().ok());
        path.ok_or_else(|| Error::invalid_params(format!("aspm/findings: {uri} is no file or folder of this machine")))
    });
    let below = below.transpose()?;
    let list = listed::list(snapshot, &query, below.as_deref());
    let total = list.chosen.len();
    let limit = query.limit.unwrap_or(DEFAULT).clamp(1, MOST);
    let end = query.offset.saturating_add(limit).min(total);
    let here = list.chosen.get(query.offset..end).unwrap_or_default();
    let mut findings = Vec::with_capacity(here.len());
    for root in snapshot.roots() {
        let of_root: Vec<(usize, &listed::Chosen<'_>)> =
            here.iter().enumerate().filter(|(_, chosen)| chosen.root.id == root.id).collect();
        let entries = of_root.iter().map(|(_, chosen)| &chosen.entry);
        let whole = report::details(&session.driver, root, entries).map_err(|error| {
            tracing::error!(%error, "findings could not be read");
            Error::invalid_params(format!("the findings cannot be read from the cache: {error}"))
        })?;
        let mut texts = Texts::new(&session.driver, snapshot, root);
        for (at, chosen) in of_root {
            let entry = &chosen.entry;
            let range = range(session, &mut texts, &entry.placement);
            let info = report::info(entry, whole.get(&entry.row.id), range);
            findings.push((at, wire((snapshot, root), info, (&entry.placement, entry.judged), chosen.group.clone())));
        }
    }
    findings.sort_by_key(|(at, _)| *at);
    let status = snapshot.status();
    let problems = status
        .sources
        .iter()
        .flat_map(|source| source.problems.iter().map(move |problem| format!("{}: {problem}", source.name)));
    Ok(FindingsPage {
        version: VERSION,
        result_id: format!("{:016x}", list.digest),
        total,
        groups: list.groups,
        findings: findings.into_iter().map(|(_, listed)| listed).collect(),
        next: (end < total).then_some(end),
        notices: problems.chain(status.messages.iter().cloned()).collect(),
    })
}

pub(super) fn detail(session: &Session, snapshot: &Snapshot, params: &LspAny) -> Result<FindingDetail<Range>> {
    let id = page::named(params)?;
    let whole = page::whole(session, snapshot, &id, None)?;
    let mut texts = Texts::new(&session.driver, snapshot, whole.root);
    let stand = whole.stand(&mut texts);
    let subjects = whole.subjects(&stand, crate::clock::now());
    let markdown = pages::markdown(&subjects, pages::Depth::Page);
    let mut of = |member: &Member<'_>| {
        let range = range(session, &mut texts, &member.placement);
        let info = report::of_whole(&member.finding, &member.placement, member.judged.as_ref(), range);
        wire((snapshot, whole.root), info, (&member.placement, member.judged.as_ref()), None)
    };
    let asked = whole.members.iter().find(|member| member.finding.id == id).unwrap_or(&whole.members[0]);
    let finding = of(asked);
    let twins = whole.members.iter().filter(|member| member.finding.id != asked.finding.id).map(of).collect();
    let (flow, related) = steps(session, (snapshot, whole.root), &mut texts, asked);
    let Finding { component, vulnerability_ids, due, link, .. } = (*asked.finding).clone();
    Ok(FindingDetail {
        version: VERSION,
        finding,
        twins,
        markdown,
        flow,
        related,
        package: component,
        vulnerability_ids,
        due,
        link,
    })
}

type Steps = Vec<StepInfo<Range>>;

fn steps(
    session: &Session,
    (snapshot, root): (&Snapshot, &Root),
    texts: &mut Texts<'_>,
    member: &Member<'_>,
) -> (Steps, Steps) {
    let placed = member.steps.as_deref().unwrap_or_default();
    let unknown = Placement::unplaced("nobody looked for it yet");
    let mut told = |(at, step): (usize, &FlowStep)| {
        let placement = placed.get(at).unwrap_or(&unknown);
        StepInfo {
            message: pages::step_words(step),
            scanned: report::scanned(&step.evidence),
            placement: report::placement(placement, range(session, texts, placement)),
            uri: address(snapshot, root, placement),
        }
    };
    let finding = &member.finding;
    let mut all: Steps = finding.flow.iter().chain(&finding.related).enumerate().map(&mut told).collect();
    let related = all.split_off(finding.flow.len());
    (all, related)
}

fn range(session: &Session, texts: &mut Texts<'_>, placement: &Placement) -> Option<Range> {
    let path = placement.path.as_ref().filter(|_| placement.state.is_on_code())?;
    Some(placed::range(texts.of(path)?, placement.range.as_ref(), session.negotiated().encoding))
}

fn address(snapshot: &Snapshot, root: &Root, placement: &Placement) -> Option<String> {
    let path = placement.path.clone().filter(|_| placement.state.is_on_code())?;
    Some(uri_of(snapshot, &FileRef { root: root.id, path })?.to_string())
}

fn wire(
    (snapshot, root): (&Snapshot, &Root),
    info: FindingInfo<Range>,
    (placement, judged): (&Placement, Option<&Judged>),
    group: Option<String>,
) -> Listed<Range> {
    let application = judged.and_then(|judged| judged.application.as_deref());
    Listed {
        finding: info,
        uri: address(snapshot, root, placement),
        group,
        owner: application.and_then(|known| known.owner.clone()),
        component: application.and_then(|known| known.component.clone()),
    }
}
