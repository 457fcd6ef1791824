//! SARIF logs as scanners write them.

use serde_json::{Value, json};

/// A log under construction: one run of one tool.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    tool: String,
    commit: Option<String>,
    results: Vec<Result>,
}

/// One result.
#[derive(Debug, Clone)]
pub(crate) struct Result {
    rule: String,
    path: String,
    /// Start line and column, end line and column; from 1, UTF-16 units.
    region: Option<[usize; 4]>,
    snippet: Option<String>,
    level: &'static str,
    cwe: Option<u32>,
    message: String,
    help: bool,
    fix: Option<(String, [usize; 4])>,
    /// What the tool says of applying the fix.
    applicability: Option<&'static str>,
    /// Steps of the data flow, source first: file, region, words.
    flow: Vec<(String, [usize; 4], String)>,
}

/// A result of `rule` about `needle` in `text`, which is the file at `path` when it was scanned.
pub(crate) fn result(rule: &str, path: &str, text: &str, needle: &str) -> Result {
    let start = text.find(needle).unwrap_or_else(|| panic!("no {needle:?} in {path}"));
    let region = region(text, start, start + needle.len());
    Result { region: Some(region), snippet: Some(needle.to_owned()), ..about_file(rule, path) }
}

/// A result without a region.
pub(crate) fn about_file(rule: &str, path: &str) -> Result {
    Result {
        rule: rule.to_owned(),
        path: path.to_owned(),
        region: None,
        snippet: None,
        level: "error",
        cwe: None,
        message: format!("{rule} was found here."),
        help: false,
        fix: None,
        applicability: None,
        flow: Vec::new(),
    }
}

fn region(text: &str, start: usize, end: usize) -> [usize; 4] {
    let place = |offset: usize| {
        let before = text[..offset].replace("\r\n", "\n").replace('\r', "\n");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").encode_utf16().count() + 1;
        (line, column)
    };
    let ((line, column), (end_line, end_column)) = (place(start), place(end));
    [line, column, end_line, end_column]
}

impl Result {
    pub(crate) fn level(mut self, level: &'static str) -> Self {
        self.level = level;
        self
    }

    pub(crate) fn cwe(mut self, cwe: u32) -> Self {
        self.cwe = Some(cwe);
        self
    }

    pub(crate) fn message(mut self, message: &str) -> Self {
        message.clone_into(&mut self.message);
        self
    }

    /// With a page of documentation and a text on how to fix it.
    pub(crate) fn help(mut self) -> Self {
        self.help = true;
        self
    }

    /// With the tool's own fix: the flagged range replaced.
    pub(crate) fn fix(mut self, text: &str) -> Self {
        let region = self.region.expect("a fix needs a region");
        self.fix = Some((text.to_owned(), region));
        self
    }

    /// What the tool says of its fix.
    pub(crate) fn applicability(mut self, words: &'static str) -> Self {
        self.applicability = Some(words);
        self
    }

    /// With one more step of its data flow: `needle` in `text`, which is the file at `path` when it was scanned.
    pub(crate) fn step(mut self, (path, text): (&str, &str), needle: &str, words: &str) -> Self {
        let start = text.find(needle).unwrap_or_else(|| panic!("no {needle:?} in {path}"));
        self.flow.push((path.to_owned(), region(text, start, start + needle.len()), words.to_owned()));
        self
    }

    fn rule_json(&self) -> Value {
        let mut rule = json!({
            "id": self.rule,
            "name": self.rule,
            "shortDescription": { "text": format!("{} in short", self.rule) },
            "defaultConfiguration": { "level": self.level },
            "properties": { "tags": [] }
        });
        if let Some(cwe) = self.cwe {
            rule["properties"]["tags"] = json!([format!("CWE-{cwe}")]);
        }
        if self.help {
            rule["helpUri"] = json!(format!("https://rules.example/{}", self.rule));
            rule["help"] = json!({ "text": "Do not.", "markdown": "**Do not** do that." });
        }
        rule
    }

    fn json(&self) -> Value {
        let region_json = |[line, column, end_line, end_column]: [usize; 4]| json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column });
        let mut physical = json!({ "artifactLocation": { "uri": self.path } });
        if let Some(region) = self.region {
            physical["region"] = region_json(region);
            if let Some(snippet) = &self.snippet {
                physical["region"]["snippet"] = json!({ "text": snippet });
            }
        }
        let mut result = json!({
            "ruleId": self.rule,
            "level": self.level,
            "message": { "text": self.message },
            "locations": [{ "physicalLocation": physical }]
        });
        if !self.flow.is_empty() {
            let step = |(path, region, words): &(String, [usize; 4], String)| {
                json!({ "location": {
                    "physicalLocation": { "artifactLocation": { "uri": path }, "region": region_json(*region) },
                    "message": { "text": words }
                } })
            };
            let steps: Vec<Value> = self.flow.iter().map(step).collect();
            result["codeFlows"] = json!([{ "threadFlows": [{ "locations": steps }] }]);
        }
        if let Some((text, region)) = &self.fix {
            result["fixes"] = json!([{
                "description": { "text": "use the safe one" },
                "artifactChanges": [{
                    "artifactLocation": { "uri": self.path },
                    "replacements": [{ "deletedRegion": region_json(*region), "insertedContent": { "text": text } }]
                }]
            }]);
            if let Some(words) = self.applicability {
                result["fixes"][0]["properties"] = json!({ "applicability": words });
            }
        }
        result
    }
}

impl Log {
    pub(crate) fn new(tool: &str) -> Self {
        Self { tool: tool.to_owned(), commit: None, results: Vec::new() }
    }

    pub(crate) fn with(mut self, result: Result) -> Self {
        self.results.push(result);
        self
    }

    /// Says of which commit it is.
    pub(crate) fn of_commit(mut self, commit: &str) -> Self {
        self.commit = Some(commit.to_owned());
        self
    }

    pub(crate) fn json(&self) -> Value {
        let mut rules: Vec<Value> = Vec::new();
        for result in &self.results {
            if !rules.iter().any(|rule| rule["id"] == *result.rule) {
                rules.push(result.rule_json());
            }
        }
        let mut run = json!({
            "tool": { "driver": { "name": self.tool, "rules": rules } },
            "columnKind": "utf16CodeUnits",
            "results": self.results.iter().map(Result::json).collect::<Vec<_>>()
        });
        if let Some(commit) = &self.commit {
            run["versionControlProvenance"] =
                json!([{ "repositoryUri": "https://git.example/shop", "revisionId": commit }]);
        }
        json!({
            "version": "2.1.0",
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "runs": [run]
        })
    }
}

impl std::fmt::Display for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.json())
    }
}
