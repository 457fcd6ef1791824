package aspm.defaults_test

import data.aspm.defaults

now := "2026-03-01T10:00:00Z"

about(finding, application) := {
	"finding": object.union({"id": "dojo:1", "kind": "code", "severity": "high", "status": {"value": "open"}}, finding),
	"application": application,
	"change": "existing",
	"exception": null,
	"now": now,
}

risk_of(finding, application) := risk if {
	risk := defaults.risk with input as about(finding, application)
}

test_severity_is_where_risk_starts if {
	risk_of({"severity": "info"}, {}) == 0
	risk_of({"severity": "low"}, {}) == 15
	risk_of({"severity": "medium"}, {}) == 35
	risk_of({"severity": "high"}, {}) == 60
	risk_of({"severity": "critical"}, {}) == 75
}

test_where_it_runs_counts if {
	risk_of({}, {"exposure": "internet"}) == 70
	risk_of({}, {"exposure": "isolated"}) == 45
	risk_of({}, {"criticality": "critical"}) == 70
	risk_of({}, {"criticality": "low"}) == 50
	risk_of({}, {"exposure": "an unknown word", "criticality": "another"}) == 60
}

test_who_could_use_it_counts if {
	risk_of({"known_exploited": true}, {}) == 85
	risk_of({"known_exploited": true, "epss": 0.9}, {}) == 85
	risk_of({"known_exploited": false, "epss": 0.9}, {}) == 75
	risk_of({"epss": 0.05}, {}) == 65
	risk_of({"epss": 0.01}, {}) == 60
	risk_of({"cvss": 9.1}, {}) == 65
	risk_of({"cvss": 3.1}, {}) == 55
}

test_what_can_be_done_and_how_sure_it_is_count if {
	risk_of({"fix_available": true}, {}) == 65
	risk_of({"fix_available": false}, {}) == 60
	risk_of({"confidence": "low"}, {}) == 50
}

test_age_counts_against_the_deadline if {
	risk_of({"due": "2026-02-28"}, {}) == 75
	risk_of({"due": "2026-03-01"}, {}) == 65
	risk_of({"due": "2026-03-08"}, {}) == 65
	risk_of({"due": "2026-03-09"}, {}) == 60
	risk_of({"first_seen": "2026-01-01"}, {"sla": {"high": 30}}) == 75
	risk_of({"first_seen": "2026-01-01"}, {"sla": {"high": 90}}) == 60
	risk_of({"first_seen": "2026-01-01"}, {"sla": {"low": 30}}) == 60
	risk_of({"first_seen": "2026-01-01"}, {}) == 60
}

test_the_sources_date_goes_before_the_applications if {
	risk_of({"due": "2027-01-01", "first_seen": "2026-01-01"}, {"sla": {"high": 1}}) == 60
}

test_a_date_that_cannot_be_read_counts_as_overdue_and_is_named if {
	finding := {"due": "soon", "first_seen": "2026-01-01"}
	risk_of(finding, {"sla": {"high": 365}}) == 75
	text := defaults.due_text with input as about(finding, {})
	text == "the date soon cannot be read and counts as overdue"
}

test_risk_stays_within_0_and_100 if {
	risk_of({"severity": "critical", "known_exploited": true, "cvss": 10}, {"exposure": "internet"}) == 100
	risk_of({"severity": "info", "confidence": "low"}, {"exposure": "isolated"}) == 0
}

test_factors_add_up_to_the_risk_before_it_is_cut if {
	finding := {"severity": "medium", "cvss": 9.8, "epss": 0.2, "fix_available": true, "due": "2026-01-01"}
	application := {"exposure": "internet", "criticality": "high"}
	factors := defaults.factors with input as about(finding, application)
	names := [factor.name | some factor in factors]
	names == ["severity", "exposure", "criticality", "cvss", "exploitability", "fix", "age"]
	sum([factor.weight | some factor in factors]) == risk_of(finding, application)
}

test_points_are_tuned_one_by_one if {
	tuned := {"points": {"severity": {"high": 10}, "exposure": {"dmz": 7}}}
	risk := defaults.risk with input as about({}, {"exposure": "dmz"}) with data.aspm.settings as tuned
	risk == 17
	other := defaults.risk with input as about({"severity": "low"}, {}) with data.aspm.settings as tuned
	other == 15
}
