//! `schema`: the JSON Schemas of what we read and write.

use std::io::Write;
use std::process::ExitCode;

use finding::wire::{FindingList, GateReport, InputRequest, LoginAnswer, Range, StatusInfo};
use schemars::schema_for;

use super::Usage;

/// Their names, in the order in which they are listed.
const NAMES: [&str; 8] = ["aspm.toml", "user", "settings", "list", "status", "check", "input", "login"];

pub(super) fn run(name: &str, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let text = match name {
        "aspm.toml" => config::schema::aspm_toml(),
        "user" => config::schema::user_config(),
        "check" => format!("{:#}\n", serde_json::Value::from(schema_for!(GateReport<Range>))),
        "settings" => config::schema::settings(),
        "login" => format!("{:#}\n", serde_json::Value::from(schema_for!(LoginAnswer))),
        "list" => format!("{:#}\n", serde_json::Value::from(schema_for!(FindingList<Range>))),
        "input" => format!("{:#}\n", serde_json::Value::from(schema_for!(InputRequest))),
        "status" => format!("{:#}\n", serde_json::Value::from(schema_for!(StatusInfo))),
        _ => return Err(Usage(format!("there is no schema {name:?}; there are {}", NAMES.join(", "))).into()),
    };
    out.write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
