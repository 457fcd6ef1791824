//! Fixes: edits the tool proposes, each whole or not at all.

use finding::{Fix, Replacement, Safety};

use super::places::{Reading, exact};
use super::region::{Counting, region};
use super::schema;
use super::uri::{self, Target};

/// The fixes of a result that can be applied as text; each other one leaves a problem.
pub(super) fn fixes(from: &[schema::Fix], reading: Reading<'_>) -> Vec<Fix> {
    let mut out = Vec::new();
    for (index, fix) in reading.first_of(from, ".fixes").iter().enumerate() {
        let part = format!(".fixes[{index}]");
        match replacements(fix, reading) {
            Ok(replacements) => {
                let title = reading.words(fix.description.as_deref(), &format!("{part}.description"));
                let title = if title.trim().is_empty() {
                    format!("Apply the fix of {}", reading.run.tool_name())
                } else {
                    title
                };
                out.push(Fix { title, replacements, safety: safety(fix) });
            }
            Err(why) => reading.problem(&part, format!("was left out: {why}")),
        }
    }
    out
}

/// In the words of Rust's compiler, of ruff and of Biome.
fn safety(fix: &schema::Fix) -> Safety {
    let said = fix.properties.as_ref().and_then(|bag| bag.applicability.as_deref()).unwrap_or_default();
    match said.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
        "safe" | "always" | "machineapplicable" => Safety::Safe,
        "unsafe" | "sometimes" | "maybeincorrect" | "display" | "displayonly" | "hasplaceholders" => Safety::Unsafe,
        _ => Safety::Unknown,
    }
}

fn replacements(fix: &schema::Fix, reading: Reading<'_>) -> Result<Vec<Replacement>, String> {
    let mut out = Vec::new();
    for change in &fix.artifact_changes {
        let artifact = change.artifact_location.clone().unwrap_or_default();
        let Target::File(path) = uri::target(&artifact, reading.run) else {
            return Err("it names no file to change".to_owned());
        };
        for replacement in &change.replacements {
            out.push(Replacement { path: path.clone(), ..edit(replacement, &artifact, &path, reading)? });
            if out.len() > reading.limits.list {
                return Err(format!("it has more than {} edits", reading.limits.list));
            }
        }
    }
    if out.is_empty() { Err("it changes nothing".to_owned()) } else { Ok(out) }
}

fn edit(
    from: &schema::Replacement,
    artifact: &schema::ArtifactLocation,
    path: &str,
    reading: Reading<'_>,
) -> Result<Replacement, String> {
    let deleted = from.deleted_region.as_deref().ok_or("it does not say which text to replace")?;
    let content = from.inserted_content.clone().unwrap_or_default();
    let text = match (content.text, content.binary) {
        (Some(text), _) => text,
        (None, None) => String::new(),
        (None, Some(_)) => return Err("it inserts binary content".to_owned()),
    };
    if text.len() > reading.limits.text_bytes {
        return Err(format!("it inserts more than {} bytes", reading.limits.text_bytes));
    }
    let how = Counting { columns: reading.run.columns, file: reading.embedded(artifact, Some(path)), context: None };
    match region(deleted, how) {
        Ok(Some(region)) => Ok(Replacement { path: String::new(), region: exact(region), text }),
        Ok(None) => Err("it does not say which lines to replace".to_owned()),
        Err(what) => Err(format!("its region {what}")),
    }
}
