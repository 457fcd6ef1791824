package aspm.defaults_test

import data.aspm.defaults

item(action, clause, state) := {
	"finding": {"id": "dojo:1", "kind": "code", "path": "a.py"},
	"placement": {"state": state, "confidence": 1},
	"change": "introduced",
	"verdict": {"action": action, "risk": 60, "factors": [], "reasons": [{"clause": clause, "message": "Because."}]},
	"exception": null,
}

change(findings) := {
	"findings": findings,
	"undecided": [],
	"sources": [{"id": "dojo", "tools": ["Bandit"]}],
	"gate_changes": [],
	"application": {},
	"context": {"place": "hook", "branch": "main"},
}

gate_on(extra) := gate if {
	gate := defaults.gate with input as object.union(change([]), extra)
}

test_nothing_to_judge_passes if gate_on({}) == {"pass": true, "violations": []}

test_what_blocks_at_its_place_does_not_pass if {
	every state in ["exact", "moved", "edited"] {
		gate := gate_on({"findings": [item("block", "overdue", state)]})
		gate == {"pass": false, "violations": [{"finding": "dojo:1", "clause": "overdue", "message": "Because."}]}
	}
}

test_a_guess_never_blocks_and_neither_does_what_is_gone if {
	every state in ["uncertain", "gone", "unplaced"] {
		gate_on({"findings": [item("block", "overdue", state)]}).pass
	}
}

test_an_introduced_dependency_blocks_by_its_manifest if {
	dependency := {"id": "dojo:2", "kind": "dependency", "path": "package.json"}
	introduced := object.union(item("block", "known-exploited", "unplaced"), {"finding": dependency})
	not gate_on({"findings": [introduced]}).pass
	gate_on({"findings": [object.union(introduced, {"change": "existing"})]}).pass
}

test_warnings_pass if gate_on({"findings": [item("warn", "touched-high-risk", "exact")]}).pass

test_undecided_does_not_pass if {
	gate_on({"undecided": ["dojo was never synchronised"]}) == {"pass": false, "violations": []}
}

test_a_requested_exception_waits_in_ci if {
	requested := {"findings": [item("warn", "exception-requested", "exact")]}
	gate_on(requested).pass
	in_ci := object.union(change([]), object.union(requested, {"context": {"place": "ci"}}))
	gate := defaults.gate with input as in_ci
	not gate.pass
	gate.violations[0].clause == "exception-requested"
	lenient := defaults.gate with input as in_ci with data.aspm.settings as {"requested_passes_ci": true}
	lenient.pass
}

test_a_required_scanner_that_nobody_ran_is_named if {
	gate := gate_on({"application": {"required_scanners": ["Semgrep", "bandit"]}})
	gate == {"pass": false, "violations": [{
		"clause": "scanner-missing",
		"message": "Policy requires a scan by Semgrep, and no source has one.",
	}]}
	by_data := defaults.gate with input as change([]) with data.aspm.settings as {"required_scanners": ["Trivy"]}
	not by_data.pass
}
