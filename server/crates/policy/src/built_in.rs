//! The built-in policy: its text, and what it looks at.

use std::sync::LazyLock;

use crate::bundle::Module;
use crate::evaluate::{Reads, Unit, parse, units};

/// Files of the built-in policy, path and text, for `policy show` and for those who run a bundle in OPA itself.
pub const BUILT_IN_MODULES: &[(&str, &str)] = &[
    ("default/days.rego", include_str!("../default/days.rego")),
    ("default/exception.rego", include_str!("../default/exception.rego")),
    ("default/gate.rego", include_str!("../default/gate.rego")),
    ("default/risk.rego", include_str!("../default/risk.rego")),
    ("default/settings.rego", include_str!("../default/settings.rego")),
    ("default/triage.rego", include_str!("../default/triage.rego")),
    ("default/verdict.rego", include_str!("../default/verdict.rego")),
];

/// Its tests.
pub const BUILT_IN_TESTS: &[(&str, &str)] = &[
    ("default/days_test.rego", include_str!("../default/days_test.rego")),
    ("default/exception_test.rego", include_str!("../default/exception_test.rego")),
    ("default/gate_test.rego", include_str!("../default/gate_test.rego")),
    ("default/risk_test.rego", include_str!("../default/risk_test.rego")),
    ("default/triage_test.rego", include_str!("../default/triage_test.rego")),
    ("default/verdict_test.rego", include_str!("../default/verdict_test.rego")),
];

/// `data.aspm.verdict` where a bundle has none.
pub(crate) const ENTRY_VERDICT: (&str, &str) =
    ("default/entry_verdict.rego", include_str!("../default/entry_verdict.rego"));
/// `data.aspm.gate` where a bundle has none.
pub(crate) const ENTRY_GATE: (&str, &str) = ("default/entry_gate.rego", include_str!("../default/entry_gate.rego"));
/// `data.aspm.triage` where a bundle has none.
pub(crate) const ENTRY_TRIAGE: (&str, &str) =
    ("default/entry_triage.rego", include_str!("../default/entry_triage.rego"));
/// One name for entries that a bundle defines in parts.
pub(crate) const ENTRY_PARTS: (&str, &str) = ("default/entry_parts.rego", include_str!("../default/entry_parts.rego"));

/// What the built-in policy reads of its inputs; a test holds it against the text. Kept here so that it need not be
/// worked out at every start.
const READS: &[&str] = &[
    "application.approvers",
    "application.criticality",
    "application.exposure",
    "application.required_scanners",
    "application.sla",
    "change",
    "context.place",
    "exception",
    "finding.confidence",
    "finding.cvss",
    "finding.due",
    "finding.epss",
    "finding.first_seen",
    "finding.fix_available",
    "finding.kind",
    "finding.known_exploited",
    "finding.severity",
    "finding.status",
    "findings",
    "now",
    "sources",
    "triage.action",
    "triage.reason",
    "triage.until",
    "undecided",
];

pub(crate) fn reads() -> Reads {
    let mut reads = Reads::nothing();
    for path in READS {
        reads.add(path.split('.'));
    }
    reads
}

pub(crate) fn module((path, text): (&str, &str)) -> Module {
    Module { path: path.to_owned(), text: text.to_owned() }
}

pub(crate) fn modules() -> impl Iterator<Item = Module> {
    BUILT_IN_MODULES.iter().copied().map(module)
}

/// Its modules as they read; only needed beside a bundle with Rego of its own.
pub(crate) static UNITS: LazyLock<Vec<Unit>> = LazyLock::new(|| {
    let modules: Vec<Module> = modules().collect();
    parse("built in", &modules).and_then(|engine| units("built in", &engine)).unwrap_or_default()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_built_in_policy_reads_is_what_its_text_says() {
        let mut text = Reads::nothing();
        UNITS.iter().for_each(|unit| text.extend(&unit.reads()));
        assert_eq!(reads(), text);
    }
}
