//! What the server asks a person by their editor: `aspm/input`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A few fields to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputRequest {
    /// 1.
    pub version: u32,
    /// What it is about, one line.
    pub title: String,
    /// The findings that it is about, one line each; at most 20.
    #[serde(default)]
    pub findings: Vec<String>,
    /// To be filled in, in this order.
    pub fields: Vec<InputField>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputField {
    /// Its name in the answer.
    pub name: String,
    /// What is asked.
    pub label: String,
    /// Of what kind.
    pub kind: InputKind,
    /// What stands in it at first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// What can be chosen; of `choice` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<InputChoice>,
    /// Asked only where the field `status` has one of these values; empty: always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_for: Vec<String>,
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// Words.
    Text,
    /// `YYYY-MM-DD`, or nothing.
    Date,
    /// One of `choices`.
    Choice,
    /// Tags, separated by commas.
    Tags,
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputChoice {
    /// What the answer says.
    pub value: String,
    /// What the person reads.
    pub label: String,
}

/// The fields by name; `null` in place of it: cancelled. Fields that were not asked may be absent.
pub type InputAnswer = BTreeMap<String, String>;
