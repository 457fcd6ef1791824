# What people decided about a finding, and whether it counts: `state` is one of
#   none          nobody decided anything
#   approved      it counts
#   requested     this change asks for it; nobody has agreed yet
#   unauthorized  somebody decided who may not
#   expired       it counted once
package aspm.defaults.exception

import data.aspm.defaults.days

# The exception at hand, else what the source says of the finding.
decision := input.exception if {
	input.exception != null
} else := {
	"origin": "source",
	"state": authority,
	"status": input.finding.status.value,
	"expires": object.get(input.finding.status, "until", null),
	"accepted_by": object.get(input.finding.status, "accepted_by", null),
} if {
	input.finding.status.value != "open"
}

# Where the policy names approvers, only they may accept.
authority := "approved" if {
	count(object.get(input.application, "approvers", [])) == 0
} else := "approved" if {
	decided_by in input.application.approvers
} else := "unauthorized"

decided_by := input.finding.status.accepted_by if {
	input.finding.status.accepted_by != null
} else := input.finding.status.by

default state := "none"

state := "unauthorized" if {
	decision.state == "unauthorized"
} else := "expired" if {
	expired
} else := decision.state

# The last day counts. A date that cannot be read has passed.
expired if {
	has_date
	not in_time
}

has_date if object.get(decision, "expires", null) != null

in_time if days.day(decision.expires) >= days.today

until := concat("", [" until ", days.text(days.day(decision.expires))]) if {
	has_date
} else := ""

by := concat("", [" by ", decision.accepted_by]) if {
	is_string(object.get(decision, "accepted_by", null))
} else := ""

words := {
	"false_positive": "false positive",
	"risk_accepted": "accepted risk",
	"out_of_scope": "out of scope",
	"mitigated": "fixed",
	"duplicate": "duplicate",
}

word := object.get(words, decision.status, decision.status)
