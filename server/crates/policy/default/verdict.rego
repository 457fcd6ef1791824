# The verdict on one finding. Input: finding, application, change, exception, now.
#
# Wrap it in a bundle (`package aspm`, a rule `verdict` that reads `data.aspm.defaults.verdict`), replace it, or tune
# it by `aspm.settings` in the bundle's data: see settings.rego.
package aspm.defaults

verdict := object.union(
	{
		"action": outcome.action,
		"risk": risk,
		"factors": factors,
		"reasons": array.concat(outcome.reasons, remarks),
	},
	verdict_due,
)

default verdict_due := {}

verdict_due := {"due": due}

# What is to be done and why, the deciding reason first. The first clause that applies wins.
outcome := decided_outcome if {
	decision_state == "approved"
} else := {"action": "warn", "reasons": [requested, open_outcome.reasons[0]]} if {
	decision_state == "requested"
	open_outcome.action == "block"
} else := open_outcome

# Decided, and it counts.
decided_outcome := {"action": "inform", "reasons": [{
	"clause": "suppressed",
	"message": "A comment in the code suppresses it, as reviewed before this change.",
}]} if {
	decision.origin == "comment"
} else := {"action": "inform", "reasons": [{
	"clause": "accepted-risk",
	"message": concat("", ["The risk is accepted", decision_by, decision_until, "."]),
}]} if {
	decision.status == "risk_accepted"
} else := {"action": "hide", "reasons": [{
	"clause": replace(decision.status, "_", "-"),
	"message": concat("", ["Decided as ", decision_word, decision_by, decision_until, "."]),
}]} if {
	decision.status in {"false_positive", "out_of_scope", "mitigated", "duplicate"}
} else := open_outcome

requested := {
	"clause": "suppressed-in-this-change",
	"message": "Suppressed in this change: a comment that is not reviewed yet turns a block into a warning, no further.",
} if {
	decision.origin == "comment"
} else := {
	"clause": "exception-requested",
	"message": "An exception is requested in this change and awaits approval.",
}

# What is to be done while nobody has decided anything.
open_outcome := {"action": "block", "reasons": blocking} if {
	count(blocking) > 0
} else := {"action": "warn", "reasons": [{
	"clause": "touched-high-risk",
	"message": sprintf("This change edits its code, and its risk of %v reaches %v.", [risk, settings.block_at]),
}]} if {
	input.change == "touched"
	risk >= settings.block_at
} else := {"action": "warn", "reasons": [{
	"clause": "introduced-risk",
	"message": sprintf("This change introduces it, and its risk of %v reaches %v.", [risk, settings.warn_at]),
}]} if {
	input.change == "introduced"
	risk >= settings.warn_at
} else := {"action": "inform", "reasons": [{
	"clause": "introduced-low-risk",
	"message": sprintf("This change introduces it; its risk is %v.", [risk]),
}]} if {
	input.change == "introduced"
} else := {"action": "inform", "reasons": [{
	"clause": "touched-low-risk",
	"message": sprintf("This change edits its code; its risk is %v.", [risk]),
}]} if {
	input.change == "touched"
} else := {"action": "inform", "reasons": [{
	"clause": "existing",
	"message": sprintf("It was there before this change; its risk is %v.", [risk]),
}]}

blocking := [reason | some [_, reason] in numbered_blocking]

# Every clause that blocks; the numbers give the order, the plainest first.
numbered_blocking contains [1, {
	"clause": "secret-introduced",
	"message": "This change introduces a credential: revoke it, and keep it out of the code.",
}] if {
	input.finding.kind == "secret"
	input.change == "introduced"
	settings.secrets_block
}

numbered_blocking contains [2, {
	"clause": "known-exploited",
	"message": "It is known to be exploited in the wild.",
}] if {
	input.finding.known_exploited == true
	settings.known_exploited_blocks
}

numbered_blocking contains [3, {
	"clause": "overdue",
	"message": concat("", ["It is overdue: ", due_text, "."]),
}] if {
	due_state == "overdue"
	settings.overdue_blocks
}

numbered_blocking contains [4, {
	"clause": "introduced-high-risk",
	"message": sprintf("This change introduces it, and its risk of %v reaches %v.", [risk, settings.block_at]),
}] if {
	input.change == "introduced"
	risk >= settings.block_at
}

# Decisions that do not count are said, never silently dropped.
default remarks := []

remarks := [{
	"clause": "exception-unauthorized",
	"message": concat("", ["Marked as ", decision_word, decision_by, " without the right to: it does not count."]),
}] if {
	decision_state == "unauthorized"
} else := [{
	"clause": "exception-expired",
	"message": concat("", ["Decided as ", decision_word, expiry]),
}] if {
	decision_state == "expired"
}

expiry := concat("", [decision_until, "; that has passed, so it counts fully again."]) if {
	day(decision.expires)
} else := sprintf(" until %v: the date cannot be read, so it counts as passed.", [decision.expires])
