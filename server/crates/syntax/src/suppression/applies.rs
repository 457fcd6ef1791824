//! Whether a suppression speaks to a finding: tools and rules go by several names, in reports and in comments.

use super::{Suppression, Tool};

/// Linters that golangci-lint runs and that report under their own name.
const GO_LINTERS: &[&str] = &["gosec", "golangci", "staticcheck", "govet", "revive", "errcheck"];

impl Suppression {
    /// It silences this rule of this tool. `tool_name` is as a report or platform writes it ("Bandit Scan"), `rule_id`
    /// likewise (`B101:assert_used`, `python.lang.security.audit.eval`, `Security/Eval`).
    #[must_use]
    pub fn applies_to(&self, tool_name: &str, rule_id: &str) -> bool {
        let tool = tool_name.to_lowercase();
        if self.tool == Tool::Golangci {
            return self.silences_go_linter(&tool, rule_id);
        }
        self.tool.is_named(&tool)
            && (self.rules.is_empty() || self.rules.iter().any(|rule| is_same(self.tool, rule, rule_id)))
    }

    /// `nolint` names linters, not rules.
    fn silences_go_linter(&self, tool: &str, rule_id: &str) -> bool {
        let known = GO_LINTERS.iter().any(|name| tool.contains(name));
        let rule_id = rule_id.to_lowercase();
        let named = |linter: &String| {
            let linter = linter.to_lowercase();
            linter == "all" || tool.contains(&linter) || rule_id == linter || rule_id.starts_with(&format!("{linter}/"))
        };
        known && (self.rules.is_empty() || self.rules.iter().any(named))
    }
}

/// The rule in the comment and the reported one are the same, or the comment's takes the reported one in.
fn is_same(tool: Tool, listed: &str, reported: &str) -> bool {
    let (listed, reported) = (plain(listed), plain(reported));
    if listed.is_empty() || reported.is_empty() {
        return false;
    }
    if let Some(head) = listed.strip_suffix('*') {
        return reported.starts_with(head);
    }
    let separator = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'));
    let ends_with = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|head| head.is_empty() || head.ends_with(separator))
    };
    let starts_with = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|tail| tail.is_empty() || tail.starts_with(separator))
    };
    match tool {
        // A prefix takes in the codes below it: S1 of S101.
        Tool::Ruff => first_word(&reported, separator).starts_with(&listed),
        // A department takes in its cops.
        Tool::RuboCop | Tool::PhpCodeSniffer => starts_with(&reported, &listed) || ends_with(&reported, &listed),
        _ => {
            ends_with(&reported, &listed)
                || ends_with(&listed, &reported)
                || first_word(&reported, separator) == listed
                || (tool == Tool::Bandit && reported.split(separator).any(|part| part == listed))
        }
    }
}

fn first_word(text: &str, separator: impl Fn(char) -> bool) -> &str {
    text.split(separator).next().unwrap_or_default()
}

/// In lower case, without the prefix that some tools write before their numbers.
fn plain(rule: &str) -> String {
    let rule = rule.trim().to_lowercase();
    rule.strip_prefix("avd-").map_or(rule.clone(), str::to_owned)
}
