//! What was checked and by what, from fields that each tool's importer fills its own way.

use finding::{Rule, Severity, Tool};

use super::code::field;
use super::schema::Row;

/// Words at the end of an importer's name that are not the tool's.
const IMPORTER_WORDS: [&str; 12] =
    ["scan", "scanner", "report", "results", "json", "xml", "csv", "sarif", "(sarif)", "detailed", "v7+", "file"];
/// Longest id made from a title, in characters.
const LONGEST_ID: usize = 200;

/// The tool's name, from `Bandit Scan`, `Semgrep JSON Report`, `Semgrep OSS Scan (SARIF)` and the like.
pub(super) fn tool(row: &Row) -> Tool {
    let written = row.related_fields.as_ref().and_then(|related| related.test.as_ref()?.kind.as_ref()?.name.clone());
    let written = written.unwrap_or_default();
    let mut words: Vec<&str> = written.split_whitespace().collect();
    while words.len() > 1
        && words.last().is_some_and(|word| IMPORTER_WORDS.contains(&word.to_ascii_lowercase().as_str()))
    {
        words.pop();
    }
    let name = if words.is_empty() { "DefectDojo".to_owned() } else { words.join(" ") };
    Tool { name, version: None }
}

/// The rule of `row`; `path` is its file as written.
pub(super) fn rule(row: &Row, tool: &str) -> Rule {
    let given =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let title = title(row);
    let (id, name) = match given(&row.vuln_id_from_tool) {
        // Bandit's importer joins the test's name and its id.
        Some(joined) if tool.eq_ignore_ascii_case("bandit") => match joined.rsplit_once(':') {
            Some((name, id)) if !id.is_empty() => (id.to_owned(), Some(name.to_owned())),
            _ => (joined, None),
        },
        // The message of a SARIF result is made a title with every word in capitals; it is no name.
        Some(id) if row.description.as_deref().is_some_and(|text| text.contains("**Result message:**")) => (id, None),
        Some(id) => (id.clone(), Some(title.clone()).filter(|title| *title != id)),
        None => {
            let vulnerability = row.vulnerability_ids.iter().find_map(|known| given(&known.vulnerability_id));
            // Checkmarx One's title is the result's number and its file.
            let numbered = given(&row.unique_id_from_tool).is_some_and(|unique| title.starts_with(&unique));
            let id = match vulnerability {
                Some(id) => id,
                None if numbered => tool.to_owned(),
                None => title.chars().take(LONGEST_ID).collect(),
            };
            (id, None)
        }
    };
    Rule {
        id: if id.is_empty() { "unknown".to_owned() } else { id },
        name,
        cwes: cwes(row),
        help_url: row.references.as_deref().and_then(url),
        explanation: given(&row.impact),
        remediation: given(&row.mitigation),
        tags: row.tags.iter().filter(|tag| !tag.trim().is_empty()).cloned().collect(),
    }
}

/// The title without the file that some importers put behind it.
fn title(row: &Row) -> String {
    let title = row.title.as_deref().unwrap_or_default().trim();
    let file = row.file_path.as_deref().unwrap_or_default();
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let cut = title.strip_suffix(')').and_then(|title| title.rsplit_once(" ("));
    match cut {
        Some((before, inside)) if !name.is_empty() && inside == name => before.to_owned(),
        _ => title.to_owned(),
    }
}

/// What is wrong here: one line, then what else the description tells.
pub(super) fn message(row: &Row) -> String {
    let description = row.description.as_deref().unwrap_or_default().trim();
    let said = field(description, "Result message");
    let title = title(row);
    let first = match said {
        Some(said) => said.to_owned(),
        // A rule's id as the title says nothing to a person.
        None if description.is_empty() || title.contains(' ') => title,
        None => description.lines().map(str::trim).find(|line| is_sentence(line)).map_or(title, str::to_owned),
    };
    if description.is_empty() || said.is_some() || description == first {
        return if first.is_empty() { "no description".to_owned() } else { first };
    }
    format!("{first}\n\n{description}")
}

fn is_sentence(line: &str) -> bool {
    line.contains(' ') && !line.starts_with(['*', '#', '`', '-', '|'])
}

fn cwes(row: &Row) -> Vec<u32> {
    let listed = row.cwes.iter().filter_map(|cwe| cwe.cwe.as_deref()?.trim_start_matches("CWE-").parse::<u32>().ok());
    let mut cwes = Vec::new();
    for cwe in row.cwe.and_then(|cwe| u32::try_from(cwe).ok()).into_iter().chain(listed) {
        if cwe > 0 && !cwes.contains(&cwe) {
            cwes.push(cwe);
        }
    }
    cwes
}

/// The first web address in `text`.
fn url(text: &str) -> Option<String> {
    let start = [text.find("https://"), text.find("http://")].into_iter().flatten().min()?;
    let rest = &text[start..];
    let end =
        rest.find(|c: char| c.is_whitespace() || matches!(c, ')' | ']' | '>' | '"' | '<' | '|')).unwrap_or(rest.len());
    url::Url::parse(&rest[..end]).ok().map(|url| url.to_string())
}

pub(super) fn severity(row: &Row) -> Severity {
    let word = row.severity.as_deref().unwrap_or_default().trim();
    let known =
        [("critical", Severity::Critical), ("high", Severity::High), ("low", Severity::Low), ("info", Severity::Info)];
    known
        .iter()
        .find(|(name, _)| word.to_ascii_lowercase().starts_with(name))
        .map_or(Severity::Medium, |(_, level)| *level)
}
