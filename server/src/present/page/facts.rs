//! The parts below the explanation: fix, flow, other tools, package, decision, identifiers.

use finding::{Finding, StatusValue, taxonomy};

use super::{Depth, Subject, runs, title, titled_link};
use crate::present::age::age;
use crate::present::clean;
use crate::present::document::{Block, Span};
use crate::present::safe;

pub(super) fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(vec![Span::text(text)])
}

/// A rule's help, and the list of references that many tools put at its end.
pub(super) fn split_references(mut help: Vec<Block>) -> (Vec<Block>, Vec<Block>) {
    let is_title = |block: &Block| {
        matches!(block, Block::Paragraph(_)) && matches!(block.words().as_str(), "references " | "reference ")
    };
    match help.iter().position(is_title) {
        Some(at) => {
            let references = help.split_off(at + 1);
            help.pop();
            (help, references)
        }
        None => (help, Vec::new()),
    }
}

/// The package versions that fix a dependency.
pub(super) fn upgrade(finding: &Finding) -> Vec<Block> {
    let Some(component) = &finding.component else { return Vec::new() };
    let fixed: Vec<String> =
        component.fixed.iter().map(|version| safe::line(version)).filter(|v| !v.is_empty()).collect();
    if fixed.is_empty() {
        return Vec::new();
    }
    let mut spans = vec![Span::text("Upgrade "), Span::name(&title::package_name(&component.name)), Span::text(" to ")];
    for (index, version) in fixed.iter().take(4).enumerate() {
        if index > 0 {
            spans.push(Span::text(", "));
        }
        spans.push(Span::name(version));
    }
    spans.push(Span::text(" or later."));
    vec![Block::Paragraph(spans)]
}

/// What the tool's own fixes do.
pub(super) fn offered(finding: &Finding, most: usize) -> Vec<Block> {
    let titles = finding.fixes.iter().map(|fix| safe::line(&fix.title)).filter(|title| !title.is_empty());
    titles.take(most).map(|title| paragraph(format!("The tool offers a fix: {title}"))).collect()
}

/// The scanned text with the language of its file.
pub(super) fn code(snippet: &str, path: Option<&str>) -> Option<Block> {
    let text = clean::visible(&clean::cut(snippet, 4 * 1024));
    let lines: Vec<&str> = text.lines().map(str::trim_end).skip_while(|line| line.is_empty()).collect();
    let indent = lines.iter().filter(|line| !line.is_empty()).map(|line| line.len() - line.trim_start().len()).min()?;
    let text: Vec<&str> = lines.iter().map(|line| line.get(indent..).unwrap_or("")).collect();
    let language = path.map(language).unwrap_or_default().to_owned();
    Some(Block::Code { language, text: text.join("\n").trim_end().to_owned() })
}

/// The name that editors know a file's language by; none for one that is not listed.
fn language(path: &str) -> &'static str {
    let file = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    match file.rsplit_once('.').map_or(file.as_str(), |(_, extension)| extension) {
        "bash" | "sh" => "bash",
        "c" | "h" => "c",
        "cc" | "cpp" | "cxx" | "hh" | "hpp" => "cpp",
        "cs" => "csharp",
        "dockerfile" | "containerfile" => "dockerfile",
        "go" => "go",
        "hcl" | "tf" | "tfvars" => "hcl",
        "htm" | "html" => "html",
        "java" => "java",
        "cjs" | "js" | "jsx" | "mjs" => "javascript",
        "json" => "json",
        "kt" | "kts" => "kotlin",
        "php" => "php",
        "py" | "pyi" => "python",
        "rb" => "ruby",
        "rs" => "rust",
        "scala" => "scala",
        "sql" => "sql",
        "swift" => "swift",
        "toml" => "toml",
        "cts" | "mts" | "ts" | "tsx" => "typescript",
        "xml" => "xml",
        "yaml" | "yml" => "yaml",
        _ => "",
    }
}

/// What other tools say of the same place.
pub(super) fn twins(twins: &[Subject<'_>], most: usize) -> Vec<Block> {
    let mut items: Vec<Vec<Block>> = twins
        .iter()
        .take(most)
        .map(|twin| {
            let mut spans = title::tool_and_rule(twin.finding);
            let said = first_line(&twin.finding.message);
            if !said.is_empty() {
                spans.push(Span::text(": "));
                spans.extend(said);
            }
            vec![Block::Paragraph(spans)]
        })
        .collect();
    if twins.len() > most {
        items.push(vec![paragraph(format!("\u{2026} {} more", twins.len() - most))]);
    }
    if items.is_empty() { Vec::new() } else { vec![Block::List { start: None, items }] }
}

fn first_line(message: &str) -> Vec<Span> {
    let shown = safe::plain_from_markdown(&clean::cut(message, 1_000));
    runs(shown.lines().next().unwrap_or_default())
}

/// The package, its version and the ecosystem it is from; not in the title of other kinds.
pub(super) fn component(finding: &Finding) -> Vec<Block> {
    let Some(component) = &finding.component else { return Vec::new() };
    let mut spans = vec![Span::name(&title::package(component))];
    if let Some((ecosystem, _)) = component.name.strip_prefix("pkg:").and_then(|rest| rest.split_once('/')) {
        spans.push(Span::text(format!(" ({})", safe::line(ecosystem))));
    }
    if component.fixed.is_empty() {
        spans.push(Span::text(", no fixed version known"));
    }
    vec![Block::Paragraph(spans)]
}

/// The numbers that a finding had at its source, where a scan closed it and opened it again under another.
pub(super) fn earlier(finding: &Finding) -> Vec<Span> {
    let of = |wanted: &'static str| {
        let prints = finding.evidence.fingerprints.iter().filter(move |(name, _)| name == wanted);
        prints.map(|(_, number)| format!("#{}", safe::line(number))).collect::<Vec<_>>()
    };
    let was = of("defectdojo/was");
    if was.is_empty() {
        return Vec::new();
    }
    let now = of("defectdojo/id").join(", ");
    let source = safe::line(&finding.source);
    vec![Span::text(format!("{now} in {source}, before {}: the same code at another line", was.join(", ")))]
}

/// What people decided, in words.
pub(super) fn status_word(status: StatusValue) -> &'static str {
    match status {
        StatusValue::Open => "open",
        StatusValue::FalsePositive => "false positive",
        StatusValue::RiskAccepted => "risk accepted",
        StatusValue::OutOfScope => "out of scope",
        StatusValue::Mitigated => "mitigated",
        StatusValue::Duplicate => "duplicate of another finding",
    }
}

/// What people decided, unless that is nothing.
pub(super) fn status(subject: &Subject<'_>) -> Vec<Block> {
    let status = &subject.finding.status;
    if status.value == StatusValue::Open {
        return Vec::new();
    }
    let mut words = status_word(status.value).to_owned();
    let mut add = |before: &str, what: Option<&str>| {
        if let Some(what) = what.map(safe::line).filter(|what| !what.is_empty()) {
            words.push_str(before);
            words.push_str(&what);
        }
    };
    add(" until ", status.until.as_deref());
    add(" by ", status.by.as_deref());
    add(", ", status.at.as_deref().and_then(|at| age(subject.now, at)).as_deref());
    add(", approved by ", status.accepted_by.as_deref());
    let mut spans = vec![Span::text(words)];
    if let Some(reason) = status.reason.as_deref().map(runs).filter(|reason| !reason.is_empty()) {
        spans.push(Span::text(": "));
        spans.extend(reason);
    }
    vec![Block::Paragraph(spans)]
}

/// What people remarked.
pub(super) fn notes(subject: &Subject<'_>, most: usize) -> Vec<Block> {
    let items: Vec<Vec<Block>> = subject
        .finding
        .notes
        .iter()
        .take(most)
        .map(|note| {
            let by = note.by.as_deref().map(safe::line).filter(|by| !by.is_empty());
            let when = note.at.as_deref().and_then(|at| age(subject.now, at));
            let author: Vec<String> = by.into_iter().chain(when).collect();
            let mut spans = Vec::new();
            if !author.is_empty() {
                spans.push(Span::strong(author.join(", ")));
                spans.push(Span::text(": "));
            }
            spans.extend(runs(&note.text));
            vec![Block::Paragraph(spans)]
        })
        .collect();
    if items.is_empty() { Vec::new() } else { vec![Block::List { start: None, items }] }
}

/// CWE, CVE and GHSA ids, each with its entry's address; a line each.
pub(super) fn identifiers(finding: &Finding, depth: Depth, most: usize) -> Vec<Vec<Span>> {
    let cwes = finding.rule.cwes.iter().map(|&cwe| {
        let mut line =
            vec![Span::link(format!("CWE-{cwe}"), format!("https://cwe.mitre.org/data/definitions/{cwe}.html"))];
        if let Some(name) = taxonomy::cwe_name(cwe).filter(|_| depth == Depth::Page) {
            line.push(Span::text(format!(" {name}")));
        }
        line
    });
    let vulnerabilities = finding.vulnerability_ids.iter().filter_map(|id| {
        let id = safe::line(id);
        let link = advisory(&id).and_then(|address| titled_link(&id, &address));
        (!id.is_empty()).then(|| vec![link.unwrap_or_else(|| Span::name(&id))])
    });
    vulnerabilities.chain(cwes).take(most).collect()
}

/// Where a known kind of identifier is described.
fn advisory(id: &str) -> Option<String> {
    let mut parts = id.split('-');
    let scheme = parts.next()?.to_ascii_uppercase();
    let rest: Vec<&str> = parts.collect();
    let digits = |part: &&str| part.len() >= 4 && part.len() <= 12 && part.bytes().all(|byte| byte.is_ascii_digit());
    let group = |part: &&str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match scheme.as_str() {
        "CVE" if rest.len() == 2 && rest.iter().all(digits) => {
            Some(format!("https://nvd.nist.gov/vuln/detail/CVE-{}", rest.join("-")))
        }
        "GHSA" if rest.len() == 3 && rest.iter().all(group) => {
            Some(format!("https://github.com/advisories/GHSA-{}", rest.join("-").to_ascii_lowercase()))
        }
        _ => None,
    }
}

/// The rule's documentation and the finding's page at its source; a line each.
pub(super) fn links(finding: &Finding) -> Vec<Vec<Span>> {
    let help = finding.rule.help_url.as_deref().and_then(|address| titled_link("About the rule", address));
    let source = safe::line(&finding.source);
    let page = finding.link.as_deref().and_then(|address| titled_link(&format!("Open in {source}"), address));
    help.into_iter().chain(page).map(|link| vec![link]).collect()
}
