//! `schema`: the JSON Schemas of what we read and write.

use std::io::Write;
use std::process::ExitCode;

use finding::wire::{
    FindingDetail, FindingList, FindingsPage, FindingsQuery, GateReport, InputRequest, LocationList, LoginAnswer,
    Range, StatusInfo,
};
use schemars::{JsonSchema, schema_for};

use super::Usage;

/// Its name, and what makes its text.
type Schema = (&'static str, fn() -> String);

/// In the order in which they are listed.
const SCHEMAS: [Schema; 12] = [
    ("aspm.toml", config::schema::aspm_toml),
    ("user", config::schema::user_config),
    ("settings", config::schema::settings),
    ("list", of::<FindingList<Range>>),
    ("status", of::<StatusInfo>),
    ("check", of::<GateReport<Range>>),
    ("query", of::<FindingsQuery>),
    ("findings", of::<FindingsPage<Range>>),
    ("finding", of::<FindingDetail<Range>>),
    ("locations", of::<LocationList<Range>>),
    ("input", of::<InputRequest>),
    ("login", of::<LoginAnswer>),
];

fn of<T: JsonSchema>() -> String {
    format!("{:#}\n", serde_json::Value::from(schema_for!(T)))
}

pub(super) fn run(name: &str, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let Some((_, text)) = SCHEMAS.iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = SCHEMAS.iter().map(|(name, _)| *name).collect();
        return Err(Usage(format!("there is no schema {name:?}; there are {}", names.join(", "))).into());
    };
    out.write_all(text().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::SCHEMAS;

    /// Shapes that editors exchange with the server besides LSP.
    const EXTENSIONS: [&str; 8] = ["status", "check", "query", "findings", "finding", "locations", "input", "login"];

    #[test]
    fn the_page_of_extensions_was_looked_at_since_their_shapes_changed() {
        let mut sha = Sha256::new();
        for (name, text) in SCHEMAS.iter().filter(|(name, _)| EXTENSIONS.contains(name)) {
            sha.update(format!("{name}\n{}", text()));
        }
        let start: [u8; 8] = sha.finalize()[..8].try_into().expect("eight of 32 bytes");
        let digest = format!("{:016x}", u64::from_be_bytes(start));
        let page = include_str!("../../../docs/lsp-extensions.md");
        assert!(
            page.contains(&format!("Shapes: `{digest}`")),
            "the shapes of our own requests changed: read docs/lsp-extensions.md once more, then write `{digest}` into it"
        );
    }
}
