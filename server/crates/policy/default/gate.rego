# Whether a change may pass. Input: findings (each with finding, placement, change, verdict, exception), undecided,
# sources, gate_changes, application, context.
package aspm.defaults

gate := {
	"pass": gate_passes,
	"violations": array.concat(blocked_findings, array.concat(unapproved_exceptions, missing_scanners)),
}

default gate_passes := false

gate_passes if {
	count(blocked_findings) + count(unapproved_exceptions) + count(missing_scanners) == 0
	count(input.undecided) == 0
}

blocked_findings := [violation |
	some item in input.findings
	item.verdict.action == "block"
	counts_at_its_place(item)
	violation := {
		"finding": item.finding.id,
		"clause": item.verdict.reasons[0].clause,
		"message": item.verdict.reasons[0].message,
	}
]

# A best guess never blocks, and neither does what is gone. A dependency has no place in the code, but its manifest is
# in the change that introduces it.
counts_at_its_place(item) if item.placement.state in {"exact", "moved", "edited"}

counts_at_its_place(item) if {
	item.placement.state == "unplaced"
	item.change == "introduced"
	item.finding.kind == "dependency"
	item.finding.path
}

# The hook lets a requested exception pass with a notice; CI waits until it is approved.
unapproved_exceptions := [violation |
	input.context.place == "ci"
	not settings.requested_passes_ci
	some item in input.findings
	item.verdict.action != "block"
	some reason in item.verdict.reasons
	reason.clause == "exception-requested"
	counts_at_its_place(item)
	violation := {
		"finding": item.finding.id,
		"clause": "exception-requested",
		"message": "The exception for it is requested in this change: it counts once it is approved and merged.",
	}
]

missing_scanners := [violation |
	some tool in required_scanners
	not lower(tool) in reported_scanners
	violation := {
		"clause": "scanner-missing",
		"message": sprintf("Policy requires a scan by %s, and no source has one.", [tool]),
	}
]

required_scanners contains tool if some tool in settings.required_scanners

required_scanners contains tool if some tool in input.application.required_scanners

reported_scanners contains lower(tool) if {
	some source in input.sources
	some tool in source.tools
}
