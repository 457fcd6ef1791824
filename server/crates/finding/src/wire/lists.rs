//! Lists and single findings for panels: `aspm/findings`, `aspm/finding`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FindingInfo, PlacementInfo, Scanned};
use crate::{Action, ChangeKind, Component, Kind, Severity, State};

/// The parameters of `aspm/findings`. All are optional; what is given narrows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FindingsQuery {
    /// A folder, or a file or folder below one: findings that stand there now, or were scanned there. Without it, all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// What people decided.
    pub status: StatusFilter,
    /// Only in these states.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<State>,
    /// Only what policy says this of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// Only what the change at hand did this to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeKind>,
    /// Only these kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// Only this bad or worse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_severity: Option<Severity>,
    /// Only of these rules, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Only of these tools, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// Only of these owners.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// Only of these components of the application.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<String>,
    /// Only with this in id, path, rule, tool or message, whatever the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// In which order.
    pub sort: SortBy,
    /// Together by what; the groups with the highest risk first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<GroupBy>,
    /// How many to pass by.
    pub offset: usize,
    /// How many to answer with at most: 1 to 1,000; without it 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

/// Which findings by what people decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusFilter {
    /// Nothing was decided yet.
    #[default]
    Open,
    /// Something was.
    Decided,
    /// All.
    All,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// The verdict's risk, the highest first; without verdicts the worst severity. Then by place.
    #[default]
    Risk,
    /// Path and line.
    Place,
}

/// What findings are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// The file they stand in now.
    File,
    /// The rule, by tool and id.
    Rule,
    /// The application's component.
    Component,
    /// Who answers for the code.
    Owner,
}

/// The answer to `aspm/findings`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingsPage<R> {
    /// [`VERSION`](super::VERSION).
    pub version: u32,
    /// Changes when any finding of the whole list comes, goes or changes places: pages of different ones do not fit
    /// together.
    pub result_id: String,
    /// How many findings there are on all pages.
    pub total: usize,
    /// The groups of all pages, in the order in which their findings come; empty without `group_by`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<FindingGroup>,
    /// This page.
    pub findings: Vec<Listed<R>>,
    /// The `offset` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<usize>,
    /// Whether anything is missing or doubtful, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
}

/// Findings that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingGroup {
    /// What they share: a path, `tool: rule`, a component, an owner; empty for those without one.
    pub key: String,
    /// How many.
    pub count: usize,
    /// How many of them policy blocks.
    pub block: usize,
    /// The worst.
    pub severity: Severity,
    /// The highest risk; absent without verdicts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<u8>,
}

/// A finding in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Listed<R> {
    /// The finding.
    #[serde(flatten)]
    pub finding: FindingInfo<R>,
    /// The file it stands in now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The [`FindingGroup::key`] of its group; absent without `group_by`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Who answers for the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The application's component that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
}

/// The answer to `aspm/finding { id }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingDetail<R> {
    /// [`VERSION`](super::VERSION).
    pub version: u32,
    /// The finding that was asked for.
    pub finding: Listed<R>,
    /// Others that are shown together with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub twins: Vec<Listed<R>>,
    /// Its whole page: safe Markdown.
    pub markdown: String,
    /// Its data flow, source first, each step where it is now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flow: Vec<StepInfo<R>>,
    /// Other places of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<StepInfo<R>>,
    /// The package it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Component>,
    /// CVE and GHSA ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vulnerability_ids: Vec<String>,
    /// Until when its source wants it fixed, RFC 3339 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Its page at its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// One step of a data flow, or another place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepInfo<R> {
    /// What happens there; one line of untrusted text, may be empty.
    pub message: String,
    /// Where it was reported.
    pub scanned: Scanned,
    /// Where it is now.
    pub placement: PlacementInfo<R>,
    /// The file it is in now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
}

/// The parameters of the notification `aspm/locations`: places to be shown in a list of the editor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LocationList<R> {
    /// [`VERSION`](super::VERSION).
    pub version: u32,
    /// What they are; one line.
    pub title: String,
    /// In order.
    pub locations: Vec<LocationInfo<R>>,
}

/// One place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LocationInfo<R> {
    /// The file.
    pub uri: String,
    /// Where in it.
    pub range: R,
    /// What is there; one line.
    pub message: String,
    /// Relation to what was scanned.
    pub state: State,
    /// Its number in the flow, from 1: steps that are on no code are left out.
    pub step: usize,
}
