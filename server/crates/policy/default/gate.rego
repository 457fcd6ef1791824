# Whether a change may pass. Input: findings (each with finding, placement, change, verdict, exception), undecided,
# sources, gate_changes, application, context.
package aspm.defaults

import data.aspm.defaults.settings

gate := {
	"pass": passes,
	"violations": array.concat(blocked, array.concat(unapproved, missing)),
}

default passes := false

passes if {
	count(blocked) + count(unapproved) + count(missing) == 0
	count(input.undecided) == 0
}

blocked := [violation |
	some item in input.findings
	item.verdict.action == "block"
	holds(item)
	violation := {
		"finding": item.finding.id,
		"clause": item.verdict.reasons[0].clause,
		"message": item.verdict.reasons[0].message,
	}
]

# A best guess never blocks, and neither does what is gone. A dependency has no place in the code, but its manifest is
# in the change that introduces it.
holds(item) if item.placement.state in {"exact", "moved", "edited"}

holds(item) if {
	item.placement.state == "unplaced"
	item.change == "introduced"
	item.finding.kind == "dependency"
	item.finding.path
}

# The hook lets a requested exception pass with a notice; CI waits until it is approved.
unapproved := [violation |
	input.context.place == "ci"
	not settings.current.requested_passes_ci
	some item in input.findings
	item.verdict.action != "block"
	some reason in item.verdict.reasons
	reason.clause == "exception-requested"
	holds(item)
	violation := {
		"finding": item.finding.id,
		"clause": "exception-requested",
		"message": "The exception for it is requested in this change: it counts once it is approved and merged.",
	}
]

missing := [violation |
	some tool in required
	not lower(tool) in reported
	violation := {
		"clause": "scanner-missing",
		"message": sprintf("Policy requires a scan by %s, and no source has one.", [tool]),
	}
]

required contains tool if some tool in settings.current.required_scanners

required contains tool if some tool in input.application.required_scanners

reported contains lower(tool) if {
	some source in input.sources
	some tool in source.tools
}
