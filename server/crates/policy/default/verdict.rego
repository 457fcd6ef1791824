# The verdict on one finding. Input: finding, application, change, exception, now.
#
# Wrap it in a bundle (`package aspm`, a rule `verdict` that reads `data.aspm.defaults.verdict`), replace it, or tune
# it by `aspm.settings` in the bundle's data: see settings.rego.
package aspm.defaults

import data.aspm.defaults.exception
import data.aspm.defaults.risk
import data.aspm.defaults.settings

verdict := object.union(
	{
		"action": outcome.action,
		"risk": risk.value,
		"factors": risk.factors,
		"reasons": array.concat([outcome.reason], array.concat(outcome.because, remarks)),
	},
	due,
)

default due := {}

due := {"due": risk.due}

# What is to be done, the reason that decided it, and what it was decided on top of. First match wins.
outcome := settled if {
	exception.state == "approved"
} else := {
	"action": "warn",
	"reason": asked_for,
	"because": [base.reason],
} if {
	base.action == "block"
	exception.state == "requested"
} else := {"action": base.action, "reason": base.reason, "because": base.also}

# Decided, and it counts.
settled := {
	"action": "inform",
	"reason": {"clause": "suppressed", "message": "A comment in the code suppresses it, as reviewed before this change."},
	"because": [],
} if {
	exception.decision.origin == "comment"
} else := {
	"action": "inform",
	"reason": {
		"clause": "accepted-risk",
		"message": concat("", ["The risk is accepted", exception.by, exception.until, "."]),
	},
	"because": [],
} if {
	exception.decision.status == "risk_accepted"
} else := {
	"action": "hide",
	"reason": {
		"clause": replace(exception.decision.status, "_", "-"),
		"message": concat("", ["Decided as ", exception.word, exception.by, exception.until, "."]),
	},
	"because": [],
} if {
	exception.decision.status in {"false_positive", "out_of_scope", "mitigated", "duplicate"}
} else := {"action": base.action, "reason": base.reason, "because": base.also}

asked_for := {
	"clause": "suppressed-in-this-change",
	"message": "Suppressed in this change: a comment that is not reviewed yet turns a block into a warning, no further.",
} if {
	exception.decision.origin == "comment"
} else := {
	"clause": "exception-requested",
	"message": "An exception is requested in this change and awaits approval.",
}

# What would be done if nobody had decided anything.
base := {"action": "block", "reason": blocking[0], "also": array.slice(blocking, 1, count(blocking))} if {
	count(blocking) > 0
} else := {"action": milder.action, "reason": milder.reason, "also": []}

blocking := [reason |
	some reason in [secret_introduced, known_exploited, overdue, introduced_high_risk]
	reason != null
]

default secret_introduced := null

secret_introduced := {
	"clause": "secret-introduced",
	"message": "This change introduces a credential: revoke it, and keep it out of the code.",
} if {
	settings.current.secrets_block
	input.finding.kind == "secret"
	input.change == "introduced"
}

default known_exploited := null

known_exploited := {
	"clause": "known-exploited",
	"message": "It is known to be exploited in the wild.",
} if {
	settings.current.known_exploited_blocks
	input.finding.known_exploited == true
}

default overdue := null

overdue := {
	"clause": "overdue",
	"message": concat("", ["It is overdue: ", risk.due_text, "."]),
} if {
	settings.current.overdue_blocks
	risk.overdue
}

default introduced_high_risk := null

introduced_high_risk := {
	"clause": "introduced-high-risk",
	"message": sprintf("This change introduces it, and its risk of %v reaches %v.", [risk.value, settings.current.block_at]),
} if {
	input.change == "introduced"
	risk.value >= settings.current.block_at
}

milder := {
	"action": "warn",
	"reason": {
		"clause": "touched-high-risk",
		"message": sprintf("This change edits its code, and its risk of %v reaches %v.", [risk.value, settings.current.block_at]),
	},
} if {
	input.change == "touched"
	risk.value >= settings.current.block_at
} else := {
	"action": "warn",
	"reason": {
		"clause": "introduced-risk",
		"message": sprintf("This change introduces it, and its risk of %v reaches %v.", [risk.value, settings.current.warn_at]),
	},
} if {
	input.change == "introduced"
	risk.value >= settings.current.warn_at
} else := {
	"action": "inform",
	"reason": {"clause": "introduced-low-risk", "message": sprintf("This change introduces it; its risk is %v.", [risk.value])},
} if {
	input.change == "introduced"
} else := {
	"action": "inform",
	"reason": {"clause": "touched-low-risk", "message": sprintf("This change edits its code; its risk is %v.", [risk.value])},
} if {
	input.change == "touched"
} else := {
	"action": "inform",
	"reason": {"clause": "existing", "message": sprintf("It was there before this change; its risk is %v.", [risk.value])},
}

# Decisions that do not count are said, never silently dropped.
default remarks := []

remarks := [{
	"clause": "exception-unauthorized",
	"message": concat("", ["Marked as ", exception.word, exception.by, ", who may not: it does not count."]),
}] if {
	exception.state == "unauthorized"
	exception.by != ""
} else := [{
	"clause": "exception-unauthorized",
	"message": concat("", ["Marked as ", exception.word, " by somebody who may not: it does not count."]),
}] if {
	exception.state == "unauthorized"
} else := [{
	"clause": "exception-expired",
	"message": expiry,
}] if {
	exception.state == "expired"
}

expiry := concat("", ["Decided as ", exception.word, exception.until, "; that has passed, so it counts fully again."]) if {
	exception.until
} else := sprintf("Decided as %s until %v: the date cannot be read, so it counts as passed.", [
	exception.word,
	exception.decision.expires,
])
