package aspm.defaults_test

import data.aspm.defaults

asked(action, extra) := {
	"triage": object.union({"action": action, "reason": "It is test code.", "tags": [], "to": "source"}, extra),
	"finding": {"id": "dojo:1", "kind": "code", "severity": "high", "status": {"value": "open"}},
	"application": {},
	"now": now,
}

ruling(action, extra) := ruling if {
	ruling := defaults.triage with input as asked(action, extra)
}

tuned_ruling(action, extra, tuned) := ruling if {
	ruling := defaults.triage with input as asked(action, extra) with data.aspm.settings as {"triage": tuned}
}

denials(ruling) := [reason.clause | some reason in ruling.reasons]

test_what_has_a_reason_may_be_said if {
	every action in ["false_positive", "out_of_scope", "close", "reopen", "verify", "note", "tag", "untag"] {
		ruling(action, {}) == {"allow": true, "reasons": []}
	}
}

test_decisions_need_a_reason if {
	every action in ["false_positive", "out_of_scope", "close", "reopen", "note"] {
		every reason in ["", "  "] {
			ruling := ruling(action, {"reason": reason})
			not ruling.allow
			denials(ruling) == ["triage-needs-reason"]
		}
	}
	ruling("close", {"reason": ""}).reasons[0].message == "Policy demands a reason for closing a finding as fixed."
}

test_verifying_and_tags_need_none if {
	every action in ["verify", "tag", "untag"] {
		ruling(action, {"reason": ""}).allow
	}
}

test_an_accepted_risk_needs_a_last_day_that_is_to_come if {
	denials(ruling("accept", {})) == ["triage-needs-end"]
	denials(ruling("accept", {"until": "2026-02-28"})) == ["triage-end-passed"]
	denials(ruling("accept", {"until": "one day"})) == ["triage-end-passed"]
	ruling("accept", {"until": "2026-03-01"}).allow
	ruling("accept", {"until": "2036-03-01"}).allow
}

test_days_can_be_limited if {
	tuned := {"until_days": 90}
	tuned_ruling("accept", {"until": "2026-05-30"}, tuned).allow
	late := tuned_ruling("accept", {"until": "2026-05-31"}, tuned)
	denials(late) == ["triage-end-too-far"]
	late.reasons[0].message == "Policy allows accepting a risk for at most 90 days: until 2026-05-30."
	denials(tuned_ruling("false_positive", {"until": "2027-05-31"}, tuned)) == ["triage-end-too-far"]
	tuned_ruling("false_positive", {}, tuned).allow
}

test_what_is_forbidden_is_said if {
	denied := tuned_ruling("close", {}, {"forbidden": ["close", "accept:critical"]})
	denied == {"allow": false, "reasons": [{
		"clause": "triage-forbidden",
		"message": "Policy does not allow closing a finding as fixed.",
	}]}
	tuned_ruling("accept", {"until": "2026-03-02"}, {"forbidden": ["close", "accept:critical"]}).allow
	by_severity := tuned_ruling("accept", {"until": "2026-03-02"}, {"forbidden": ["accept:high"]})
	by_severity.reasons[0].message == "Policy does not allow accepting a risk where the severity is high."
}

test_a_reason_can_have_to_be_longer if {
	short := tuned_ruling("false_positive", {}, {"reason_letters": 20})
	short.reasons[0].message == "Policy demands a reason of at least 20 characters for marking a finding as false positive."
	tuned_ruling("false_positive", {"reason": "Only our own tests call it."}, {"reason_letters": 20}).allow
}

test_every_demand_is_said_at_once if {
	denials(ruling("accept", {"reason": ""})) == ["triage-needs-reason", "triage-needs-end"]
}

test_an_end_can_be_demanded_of_others if {
	denials(tuned_ruling("false_positive", {}, {"until_for": ["accept", "false_positive"]})) == ["triage-needs-end"]
}
