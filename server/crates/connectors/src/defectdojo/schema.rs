//! The server's answers, as far as they are used. A field of an unexpected type counts as absent, so that one wrong
//! field never costs the row.

use serde::Deserialize;

use crate::sarif::lenient::{list, object, real, text, texts, truth, whole};

/// One page of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "T: Deserialize<'de> + Default"))]
pub(super) struct Page<T> {
    /// Rows that match, over all pages.
    #[serde(deserialize_with = "whole")]
    pub(super) count: Option<i64>,
    #[serde(deserialize_with = "list")]
    pub(super) results: Vec<T>,
}

/// One finding.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Row {
    #[serde(deserialize_with = "whole")]
    pub(super) id: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(super) title: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) severity: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) description: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) mitigation: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) impact: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) references: Option<String>,
    #[serde(deserialize_with = "whole")]
    pub(super) cwe: Option<i64>,
    #[serde(deserialize_with = "list")]
    pub(super) cwes: Vec<Cwe>,
    #[serde(deserialize_with = "list")]
    pub(super) vulnerability_ids: Vec<Vulnerability>,
    #[serde(deserialize_with = "real")]
    pub(super) cvssv3_score: Option<f64>,
    #[serde(deserialize_with = "real")]
    pub(super) cvssv4_score: Option<f64>,
    #[serde(deserialize_with = "real")]
    pub(super) epss_score: Option<f64>,
    #[serde(deserialize_with = "truth")]
    pub(super) known_exploited: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub(super) active: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub(super) verified: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub(super) false_p: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub(super) duplicate: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub(super) out_of_scope: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub(super) risk_accepted: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub(super) under_review: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub(super) under_defect_review: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub(super) is_mitigated: Option<bool>,
    #[serde(deserialize_with = "text")]
    pub(super) created: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) last_status_update: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) last_reviewed: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) mitigated: Option<String>,
    #[serde(deserialize_with = "whole")]
    pub(super) mitigated_by: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(super) sla_expiration_date: Option<String>,
    #[serde(deserialize_with = "whole")]
    pub(super) line: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(super) file_path: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) component_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) component_version: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) fix_version: Option<String>,
    #[serde(deserialize_with = "truth")]
    pub(super) static_finding: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub(super) dynamic_finding: Option<bool>,
    #[serde(deserialize_with = "whole")]
    pub(super) scanner_confidence: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(super) hash_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) unique_id_from_tool: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) vuln_id_from_tool: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) sast_source_object: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) sast_sink_object: Option<String>,
    #[serde(deserialize_with = "whole")]
    pub(super) sast_source_line: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(super) sast_source_file_path: Option<String>,
    #[serde(deserialize_with = "whole")]
    pub(super) duplicate_finding: Option<i64>,
    #[serde(deserialize_with = "list")]
    pub(super) accepted_risks: Vec<Risk>,
    #[serde(deserialize_with = "list")]
    pub(super) notes: Vec<NoteRow>,
    #[serde(deserialize_with = "texts")]
    pub(super) tags: Vec<String>,
    #[serde(deserialize_with = "object")]
    pub(super) related_fields: Option<Box<Related>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Cwe {
    #[serde(deserialize_with = "text")]
    pub(super) cwe: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Vulnerability {
    #[serde(deserialize_with = "text")]
    pub(super) vulnerability_id: Option<String>,
}

/// A risk acceptance that covers the finding.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Risk {
    #[serde(deserialize_with = "text")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) decision_details: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) recommendation_details: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) accepted_by: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) expiration_date: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) created: Option<String>,
    #[serde(deserialize_with = "whole")]
    pub(super) owner: Option<i64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct NoteRow {
    #[serde(deserialize_with = "text")]
    pub(super) entry: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) date: Option<String>,
    #[serde(deserialize_with = "object")]
    pub(super) author: Option<Box<User>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    #[serde(deserialize_with = "whole")]
    pub(super) id: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(super) username: Option<String>,
}

/// `related_fields`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Related {
    #[serde(deserialize_with = "object")]
    pub(super) test: Option<Box<Test>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Test {
    #[serde(deserialize_with = "object")]
    #[serde(rename = "test_type")]
    pub(super) kind: Option<Box<Named>>,
    #[serde(deserialize_with = "object")]
    pub(super) engagement: Option<Box<EngagementFacts>>,
    #[serde(deserialize_with = "text")]
    pub(super) branch_tag: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) commit_hash: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct EngagementFacts {
    #[serde(deserialize_with = "whole")]
    pub(super) id: Option<i64>,
    #[serde(deserialize_with = "object")]
    pub(super) product: Option<Box<Named>>,
    #[serde(deserialize_with = "text")]
    pub(super) branch_tag: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) commit_hash: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    #[serde(deserialize_with = "whole")]
    pub(super) id: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(super) name: Option<String>,
}

/// A product, as far as it weighs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Product {
    #[serde(deserialize_with = "whole")]
    pub(super) id: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) business_criticality: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) platform: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) lifecycle: Option<String>,
    #[serde(deserialize_with = "truth")]
    pub(super) internet_accessible: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub(super) external_audience: Option<bool>,
}

/// An engagement of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Engagement {
    #[serde(deserialize_with = "whole")]
    pub(super) id: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "whole")]
    pub(super) product: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(super) source_code_management_uri: Option<String>,
}

/// `user_profile`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    #[serde(deserialize_with = "object")]
    pub(super) user: Option<Box<User>>,
}
