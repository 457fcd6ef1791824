# What people decided about a finding, and whether it counts.
package aspm.defaults

# The exception at hand, else what the source says of the finding.
decision := input.exception if {
	is_object(input.exception)
} else := {
	"origin": "source",
	"state": source_authority,
	"status": input.finding.status.value,
	"expires": object.get(input.finding.status, "until", null),
	"accepted_by": object.get(input.finding.status, "accepted_by", null),
} if {
	input.finding.status.value != "open"
}

# Where the policy names approvers, only they may accept. That the scan no longer finds it, or finds it twice, is no
# acceptance.
source_authority := "approved" if {
	not approvers_are_named
} else := "approved" if {
	input.finding.status.value in {"mitigated", "duplicate"}
} else := "approved" if {
	source_approver in input.application.approvers
} else := "unauthorized"

approvers_are_named if count(input.application.approvers) > 0

source_approver := input.finding.status.accepted_by if {
	is_string(input.finding.status.accepted_by)
} else := input.finding.status.by

# One of: none (nobody decided anything), approved (it counts), requested (this change asks for it; nobody has agreed
# yet), unauthorized (somebody decided who may not), expired (it counted once).
decision_state := "none" if {
	not decision
} else := "unauthorized" if {
	decision.state == "unauthorized"
} else := "expired" if {
	decision_has_end
	not decision_in_time
} else := decision.state

decision_has_end if object.get(decision, "expires", null) != null

# The last day counts. A date that cannot be read has passed.
decision_in_time if day(decision.expires) >= today

decision_until := concat("", [" until ", date_of(day(decision.expires))]) if {
	decision_has_end
} else := ""

decision_by := concat("", [" by ", decision.accepted_by]) if {
	is_string(object.get(decision, "accepted_by", null))
} else := ""

decision_word := object.get(
	{
		"false_positive": "false positive",
		"risk_accepted": "accepted risk",
		"out_of_scope": "out of scope",
		"mitigated": "fixed",
		"duplicate": "duplicate",
	},
	decision.status,
	decision.status,
)
