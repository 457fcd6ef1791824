package aspm.defaults_test

import data.aspm.defaults

verdict_on(finding, change) := verdict if {
	verdict := defaults.verdict with input as object.union(about(finding, {}), {"change": change})
}

clauses(verdict) := [reason.clause | some reason in verdict.reasons]

test_introduced_high_risk_blocks if {
	verdict := verdict_on({}, "introduced")
	verdict.action == "block"
	verdict.risk == 60
	clauses(verdict) == ["introduced-high-risk"]
}

test_touched_high_risk_warns if {
	verdict := verdict_on({}, "touched")
	verdict.action == "warn"
	clauses(verdict) == ["touched-high-risk"]
}

test_existing_high_risk_informs if {
	verdict := verdict_on({}, "existing")
	verdict.action == "inform"
	clauses(verdict) == ["existing"]
}

test_introduced_medium_risk_warns if verdict_on({"severity": "medium"}, "introduced").action == "warn"

test_low_risk_informs if {
	every change in ["introduced", "touched", "existing"] {
		verdict_on({"severity": "low"}, change).action == "inform"
	}
}

test_overdue_and_known_exploited_block_whoever_introduced_them if {
	overdue := verdict_on({"severity": "low", "due": "2026-02-28"}, "existing")
	overdue.action == "block"
	overdue.due == "2026-02-28"
	overdue.reasons == [{"clause": "overdue", "message": "It is overdue: was due on 2026-02-28."}]
	exploited := verdict_on({"severity": "low", "known_exploited": true}, "existing")
	exploited.action == "block"
	clauses(exploited) == ["known-exploited"]
}

test_every_clause_that_blocks_is_said if {
	verdict := verdict_on({"kind": "secret", "known_exploited": true, "due": "2026-01-01"}, "introduced")
	clauses(verdict) == ["secret-introduced", "known-exploited", "overdue", "introduced-high-risk"]
}

test_introduced_secrets_block_at_any_severity if {
	verdict_on({"kind": "secret", "severity": "info"}, "introduced").action == "block"
	verdict_on({"kind": "secret", "severity": "info"}, "existing").action == "inform"
}

test_a_verdict_without_a_deadline_has_no_due if not verdict_on({}, "existing").due

test_switches_switch_off if {
	off := {"secrets_block": false, "overdue_blocks": false, "known_exploited_blocks": false, "block_at": 101}
	worst := {"kind": "secret", "severity": "critical", "known_exploited": true, "due": "2026-01-01"}
	verdict := defaults.verdict with input as object.union(about(worst, {}), {"change": "introduced"})
		with data.aspm.settings as off
	verdict.action == "warn"
	clauses(verdict) == ["introduced-risk"]
}
