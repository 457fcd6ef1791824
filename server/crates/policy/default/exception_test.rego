package aspm.defaults_test

import data.aspm.defaults

excepted(exception, finding, application) := verdict if {
	change := {"change": "introduced", "exception": exception}
	verdict := defaults.verdict with input as object.union(about(finding, application), change)
}

from_file(state, status) := {"id": "EX-1", "origin": "file", "state": state, "status": status, "expires": "2026-03-01"}

from_comment(state) := {"id": "", "origin": "comment", "state": state, "status": "false_positive"}

test_an_approved_acceptance_informs_until_its_last_day if {
	accepted := excepted(object.union(from_file("approved", "risk_accepted"), {"accepted_by": "amy"}), {}, {})
	accepted.action == "inform"
	accepted.reasons == [{"clause": "accepted-risk", "message": "The risk is accepted by amy until 2026-03-01."}]
}

test_an_acceptance_counts_no_longer_the_day_after if {
	expired := excepted(object.union(from_file("approved", "risk_accepted"), {"expires": "2026-02-28"}), {}, {})
	expired.action == "block"
	clauses(expired) == ["introduced-high-risk", "exception-expired"]
	expired.reasons[1].message == "Decided as accepted risk until 2026-02-28; that has passed, so it counts fully again."
}

test_an_end_that_cannot_be_read_has_passed if {
	expired := excepted(object.union(from_file("approved", "false_positive"), {"expires": "one day"}), {}, {})
	expired.action == "block"
	startswith(expired.reasons[1].message, "Decided as false positive until one day: the date cannot be read")
}

test_an_acceptance_without_an_end_counts if {
	excepted(object.remove(from_file("approved", "risk_accepted"), ["expires"]), {}, {}).action == "inform"
}

test_approved_false_positives_and_the_like_hide if {
	every status in ["false_positive", "out_of_scope", "mitigated", "duplicate"] {
		verdict := excepted(from_file("approved", status), {"known_exploited": true}, {})
		verdict.action == "hide"
		clauses(verdict) == [replace(status, "_", "-")]
	}
}

test_a_requested_exception_turns_a_block_into_a_warning if {
	every status in ["risk_accepted", "false_positive"] {
		requested := excepted(from_file("requested", status), {}, {})
		requested.action == "warn"
		clauses(requested) == ["exception-requested", "introduced-high-risk"]
	}
}

test_a_requested_exception_that_has_ended_does_nothing if {
	late := object.union(from_file("requested", "risk_accepted"), {"expires": "2026-02-28"})
	excepted(late, {}, {}).action == "block"
}

test_a_requested_exception_changes_nothing_below_a_block if {
	verdict := excepted(from_file("requested", "false_positive"), {"severity": "medium"}, {})
	verdict.action == "warn"
	clauses(verdict) == ["introduced-risk"]
}

test_an_unauthorized_exception_is_said_and_does_not_count if {
	verdict := excepted(object.union(from_file("unauthorized", "false_positive"), {"accepted_by": "eve"}), {}, {})
	verdict.action == "block"
	clauses(verdict) == ["introduced-high-risk", "exception-unauthorized"]
	verdict.reasons[1].message == "Marked as false positive by eve without the right to: it does not count."
}

test_a_comment_of_this_change_turns_a_block_into_a_warning_no_further if {
	suppressed := excepted(from_comment("requested"), {}, {})
	suppressed.action == "warn"
	clauses(suppressed) == ["suppressed-in-this-change", "introduced-high-risk"]
}

test_a_reviewed_comment_informs if {
	suppressed := excepted(from_comment("approved"), {"kind": "secret"}, {})
	suppressed.action == "inform"
	clauses(suppressed) == ["suppressed"]
}

status_at_source(status) := excepted(null, {"status": status}, {"approvers": ["amy", "bob"]})

test_a_status_at_the_source_counts_when_an_approver_set_it if {
	status_at_source({"value": "risk_accepted", "accepted_by": "amy", "until": "2026-04-01"}).action == "inform"
	status_at_source({"value": "false_positive", "by": "bob"}).action == "hide"
}

test_a_status_at_the_source_set_by_another_is_said_and_does_not_count if {
	verdict := status_at_source({"value": "risk_accepted", "by": "amy", "accepted_by": "eve"})
	verdict.action == "block"
	clauses(verdict) == ["introduced-high-risk", "exception-unauthorized"]
	status_at_source({"value": "false_positive"}).action == "block"
}

test_without_approvers_any_status_of_the_source_counts if {
	excepted(null, {"status": {"value": "risk_accepted", "by": "eve"}}, {}).action == "inform"
	excepted(null, {"status": {"value": "false_positive"}}, {"approvers": []}).action == "hide"
}

test_fixed_and_duplicate_findings_of_the_source_hide if {
	status_at_source({"value": "mitigated"}).action == "hide"
	status_at_source({"value": "duplicate"}).action == "hide"
}

test_an_acceptance_at_the_source_ends if {
	verdict := status_at_source({"value": "risk_accepted", "accepted_by": "amy", "until": "2026-02-28"})
	verdict.action == "block"
	clauses(verdict) == ["introduced-high-risk", "exception-expired"]
}
