//! The objects of SARIF 2.1.0 that are read whole, named as in the standard. Every field may be missing or wrong.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lenient::{list, map, object, real, text, text_map, texts, truth, whole};

/// Declares lenient objects: each field with the reader of its shape.
macro_rules! objects {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $reader:literal $(as $json:literal)?,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub(super) struct $name {
            $(#[serde(deserialize_with = $reader $(, rename = $json)?)] pub(super) $field: $type,)*
        }
    )*};
}

objects! {
    Message {
        text: Option<String> = "text",
        markdown: Option<String> = "text",
        id: Option<String> = "text",
        arguments: Vec<String> = "texts",
    }
    MultiformatMessage {
        text: Option<String> = "text",
        markdown: Option<String> = "text",
    }
    ArtifactContent {
        text: Option<String> = "text",
        binary: Option<String> = "text",
    }
    ArtifactLocation {
        uri: Option<String> = "text",
        uri_base_id: Option<String> = "text",
        index: Option<i64> = "whole",
    }
    Region {
        start_line: Option<i64> = "whole",
        start_column: Option<i64> = "whole",
        end_line: Option<i64> = "whole",
        end_column: Option<i64> = "whole",
        char_offset: Option<i64> = "whole",
        char_length: Option<i64> = "whole",
        byte_offset: Option<i64> = "whole",
        byte_length: Option<i64> = "whole",
        snippet: Option<Box<ArtifactContent>> = "object",
    }
    PhysicalLocation {
        artifact_location: Option<Box<ArtifactLocation>> = "object",
        region: Option<Box<Region>> = "object",
        context_region: Option<Box<Region>> = "object",
    }
    LogicalLocation {
        index: Option<i64> = "whole",
        name: Option<String> = "text",
        fully_qualified_name: Option<String> = "text",
    }
    #[expect(clippy::struct_field_names, reason = "the standard's names")]
    Location {
        id: Option<i64> = "whole",
        physical_location: Option<Box<PhysicalLocation>> = "object",
        logical_locations: Vec<LogicalLocation> = "list",
        message: Option<Box<Message>> = "object",
    }
    ThreadFlowLocation {
        index: Option<i64> = "whole",
        location: Option<Box<Location>> = "object",
        execution_order: Option<i64> = "whole",
    }
    ThreadFlow { locations: Vec<ThreadFlowLocation> = "list", }
    CodeFlow { thread_flows: Vec<ThreadFlow> = "list", }
    Replacement {
        deleted_region: Option<Box<Region>> = "object",
        inserted_content: Option<Box<ArtifactContent>> = "object",
    }
    ArtifactChange {
        artifact_location: Option<Box<ArtifactLocation>> = "object",
        replacements: Vec<Replacement> = "list",
    }
    Fix {
        description: Option<Box<Message>> = "object",
        artifact_changes: Vec<ArtifactChange> = "list",
        properties: Option<Box<Properties>> = "object",
    }
    Suppression {
        kind: Option<String> = "text",
        status: Option<String> = "text",
        justification: Option<String> = "text",
    }
    ToolComponentReference {
        index: Option<i64> = "whole",
        guid: Option<String> = "text",
        name: Option<String> = "text",
    }
    ReportingDescriptorReference {
        id: Option<String> = "text",
        index: Option<i64> = "whole",
        guid: Option<String> = "text",
        tool_component: Option<Box<ToolComponentReference>> = "object",
    }
    ResultProvenance {
        first_detection_time_utc: Option<String> = "text",
        last_detection_time_utc: Option<String> = "text",
        invocation_index: Option<i64> = "whole",
    }
    /// The members of property bags that some tool is known to write.
    Properties {
        tags: Vec<String> = "texts",
        security_severity: Option<String> = "text" as "security-severity",
        precision: Option<String> = "text",
        applicability: Option<String> = "text",
        issue_severity: Option<String> = "text" as "issue_severity",
        issue_confidence: Option<String> = "text" as "issue_confidence",
        severity: Option<String> = "text",
        confidence: Option<String> = "text",
        cwe: Vec<String> = "texts",
        cve: Vec<String> = "texts",
        cvss_v3: Option<f64> = "real" as "cvssv3_baseScore",
        purl: Option<String> = "text",
        purls: Vec<String> = "texts",
        package_name: Option<String> = "text",
        package_version: Option<String> = "text",
        fixed_version: Vec<String> = "texts",
        image_name: Option<String> = "text",
    }
    SarifResult {
        rule_id: Option<String> = "text",
        rule_index: Option<i64> = "whole",
        rule: Option<Box<ReportingDescriptorReference>> = "object",
        kind: Option<String> = "text",
        level: Option<String> = "text",
        rank: Option<f64> = "real",
        message: Option<Box<Message>> = "object",
        analysis_target: Option<Box<ArtifactLocation>> = "object",
        locations: Vec<Location> = "list",
        related_locations: Vec<Location> = "list",
        correlation_guid: Option<String> = "text",
        fingerprints: BTreeMap<String, String> = "text_map",
        partial_fingerprints: BTreeMap<String, String> = "text_map",
        code_flows: Vec<CodeFlow> = "list",
        suppressions: Vec<Suppression> = "list",
        baseline_state: Option<String> = "text",
        hosted_viewer_uri: Option<String> = "text",
        work_item_uris: Vec<String> = "texts",
        provenance: Option<Box<ResultProvenance>> = "object",
        fixes: Vec<Fix> = "list",
        taxa: Vec<ReportingDescriptorReference> = "list",
        properties: Option<Box<Properties>> = "object",
    }
    /// What the first pass needs of a result.
    Identifying {
        correlation_guid: Option<String> = "text",
        fingerprints: BTreeMap<String, String> = "text_map",
    }
    ReportingConfiguration {
        level: Option<String> = "text",
        rank: Option<f64> = "real",
    }
    ReportingDescriptorRelationship { target: Option<Box<ReportingDescriptorReference>> = "object", }
    ReportingDescriptor {
        id: Option<String> = "text",
        guid: Option<String> = "text",
        name: Option<String> = "text",
        deprecated_ids: Vec<String> = "texts",
        short_description: Option<Box<MultiformatMessage>> = "object",
        full_description: Option<Box<MultiformatMessage>> = "object",
        help: Option<Box<MultiformatMessage>> = "object",
        help_uri: Option<String> = "text",
        message_strings: BTreeMap<String, MultiformatMessage> = "map",
        default_configuration: Option<Box<ReportingConfiguration>> = "object",
        relationships: Vec<ReportingDescriptorRelationship> = "list",
        properties: Option<Box<Properties>> = "object",
    }
    /// Of a taxonomy, only what tells its taxa apart.
    Taxon { id: Option<String> = "text", }
    Artifact {
        location: Option<Box<ArtifactLocation>> = "object",
        contents: Option<Box<ArtifactContent>> = "object",
    }
    VersionControlDetails {
        revision_id: Option<String> = "text",
        branch: Option<String> = "text",
        mapped_to: Option<Box<ArtifactLocation>> = "object",
    }
    Notification {
        level: Option<String> = "text",
        message: Option<Box<Message>> = "object",
    }
    ConfigurationOverride {
        descriptor: Option<Box<ReportingDescriptorReference>> = "object",
        configuration: Option<Box<ReportingConfiguration>> = "object",
    }
    Invocation {
        end_time_utc: Option<String> = "text",
        execution_successful: Option<bool> = "truth",
        exit_code_description: Option<String> = "text",
        tool_execution_notifications: Vec<Notification> = "list",
        rule_configuration_overrides: Vec<ConfigurationOverride> = "list",
    }
    ExternalFile {
        location: Option<Box<ArtifactLocation>> = "object",
        guid: Option<String> = "text",
    }
    /// Where the members of a run are when they are in files of their own; only those that are read.
    ExternalFiles {
        driver: Option<Box<ExternalFile>> = "object",
        extensions: Vec<ExternalFile> = "list",
        taxonomies: Vec<ExternalFile> = "list",
        artifacts: Vec<ExternalFile> = "list",
        invocations: Vec<ExternalFile> = "list",
        logical_locations: Vec<ExternalFile> = "list",
        thread_flow_locations: Vec<ExternalFile> = "list",
        results: Vec<ExternalFile> = "list",
    }
}

/// Objects by name, where a run has such a map.
#[derive(Debug, Default)]
pub(super) struct Named<T>(pub(super) BTreeMap<String, T>);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Named<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        map(from).map(Self)
    }
}

/// What an external file holds, by how much is lost without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Names of weaknesses, which results repeat or this build knows.
    Taxonomy,
    /// What results refer to.
    Tables,
    Results,
}

impl ExternalFiles {
    /// Every reference, each file once, in a fixed order, with the most important thing it holds.
    pub(super) fn all(&self) -> Vec<(&ExternalFile, Holds)> {
        let lists = [
            (&self.results, Holds::Results),
            (&self.extensions, Holds::Tables),
            (&self.artifacts, Holds::Tables),
            (&self.invocations, Holds::Tables),
            (&self.logical_locations, Holds::Tables),
            (&self.thread_flow_locations, Holds::Tables),
            (&self.taxonomies, Holds::Taxonomy),
        ];
        let driver = self.driver.as_deref().map(|file| (file, Holds::Tables));
        let listed = lists.into_iter().flat_map(|(list, holds)| list.iter().map(move |file| (file, holds)));
        let mut files: Vec<(&ExternalFile, Holds)> = Vec::new();
        for (file, holds) in listed.chain(driver) {
            if !files.iter().any(|(known, _)| known.location == file.location) {
                files.push((file, holds));
            }
        }
        files
    }
}

/// The artifact at `index` of a list, where the index is one at all.
pub(super) fn at<T>(items: &[T], index: Option<i64>) -> Option<&T> {
    items.get(usize::try_from(index?).ok()?)
}
