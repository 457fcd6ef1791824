# Whether somebody may say this of a finding. Input: triage (action, reason, until, ticket, tags, to), finding,
# application, now. Asked before anything is written down or sent, and once more before what waited is sent.
package aspm.defaults

triage := {"allow": count(triage_denials) == 0, "reasons": triage_denials}

# Every demand that is not met; the numbers give the order.
triage_denials := [reason | some [_, reason] in numbered_triage_denials]

numbered_triage_denials contains [1, {
	"clause": "triage-forbidden",
	"message": concat("", ["Policy does not allow ", triage_words, "."]),
}] if {
	input.triage.action in settings.triage.forbidden
}

numbered_triage_denials contains [2, {
	"clause": "triage-forbidden",
	"message": sprintf("Policy does not allow %s where the severity is %s.", [triage_words, input.finding.severity]),
}] if {
	concat(":", [input.triage.action, input.finding.severity]) in settings.triage.forbidden
}

numbered_triage_denials contains [3, {
	"clause": "triage-needs-reason",
	"message": concat("", ["Policy demands a reason", reason_length, " for ", triage_words, "."]),
}] if {
	input.triage.action in settings.triage.reason_for
	count(trim_space(input.triage.reason)) < max([settings.triage.reason_letters, 1])
}

numbered_triage_denials contains [4, {
	"clause": "triage-needs-end",
	"message": concat("", ["Policy demands a last day for ", triage_words, ": say until when."]),
}] if {
	input.triage.action in settings.triage.until_for
	not triage_until
}

numbered_triage_denials contains [5, {
	"clause": "triage-end-passed",
	"message": sprintf("Its last day, %s, has passed or is no date: it would not count.", [triage_until]),
}] if {
	triage_until
	not triage_end_ahead
}

numbered_triage_denials contains [6, {
	"clause": "triage-end-too-far",
	"message": sprintf(
		"Policy allows %s for at most %v days: until %s.",
		[triage_words, settings.triage.until_days, date_of(today + settings.triage.until_days)],
	),
}] if {
	settings.triage.until_days > 0
	day(triage_until) > today + settings.triage.until_days
}

triage_until := input.triage.until if is_string(input.triage.until)

triage_end_ahead if day(triage_until) >= today

default reason_length := ""

reason_length := sprintf(" of at least %v characters", [settings.triage.reason_letters]) if {
	settings.triage.reason_letters > 1
}

triage_words := object.get(
	{
		"false_positive": "marking a finding as false positive",
		"accept": "accepting a risk",
		"out_of_scope": "putting a finding out of scope",
		"close": "closing a finding as fixed",
		"reopen": "reopening a finding",
		"verify": "verifying a finding",
		"note": "a note",
		"tag": "adding tags",
		"untag": "taking tags away",
	},
	input.triage.action,
	input.triage.action,
)
