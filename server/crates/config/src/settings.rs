//! What an editor may set: display and behaviour. Nothing here reaches a file, an origin or a credential.

use finding::Severity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::suggest::hint;

/// Editors send these beside the settings; they are for others.
const NOT_OURS: [&str; 2] = ["workspaceTrusted", "server"];
const MAX_PROBLEMS: usize = 20;

/// The editor settings of the section `aspm`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[schemars(title = "aspm editor settings")]
pub struct Settings {
    /// Show a code lens with the number of findings on functions and on the file.
    pub code_lens: bool,
    /// The mildest severity that is shown.
    pub minimum_severity: Severity,
}

impl Default for Settings {
    fn default() -> Self {
        Self { code_lens: true, minimum_severity: Severity::Info }
    }
}

impl Settings {
    /// Reads what a client sends as `initializationOptions` or as the settings of a configuration change, with or
    /// without the section's name around it. A setting that cannot be read keeps its default; the second value tells
    /// why, one sentence each.
    #[must_use]
    pub fn from_json(value: &Value) -> (Self, Vec<String>) {
        let mut settings = Self::default();
        let mut problems = Vec::new();
        let section = value.get("aspm").unwrap_or(value);
        match section {
            Value::Object(given) => settings.take(given, &mut problems),
            Value::Null => {}
            other => problems.push(format!("The settings of `aspm` must be an object, not {}.", shown(other))),
        }
        problems.truncate(MAX_PROBLEMS);
        (settings, problems)
    }

    fn take(&mut self, given: &Map<String, Value>, problems: &mut Vec<String>) {
        for (name, value) in given {
            match name.as_str() {
                "codeLens" => match value {
                    Value::Bool(on) => self.code_lens = *on,
                    other => problems.push(ignored(name, "true or false", other)),
                },
                "minimumSeverity" => {
                    let found = Severity::ALL.into_iter().find(|severity| Some(severity.label()) == value.as_str());
                    if let Some(severity) = found {
                        self.minimum_severity = severity;
                    } else {
                        let words = Severity::ALL.map(Severity::label).join(", ");
                        problems.push(ignored(name, &format!("one of {words}"), value));
                    }
                }
                other if NOT_OURS.contains(&other) => {}
                other => {
                    let name: String = other.chars().take(60).collect();
                    problems.push(format!(
                        "Unknown setting `aspm.{name}`{}",
                        hint(&name, "Known settings", &["codeLens", "minimumSeverity"])
                    ));
                }
            }
        }
    }
}

fn ignored(name: &str, wanted: &str, found: &Value) -> String {
    format!("Setting `aspm.{name}` must be {wanted}, not {}; the default is used.", shown(found))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.len() > 60 => "a long text".to_owned(),
        other => other.to_string(),
    }
}
