# How much a finding matters here: points that add up, each with the factor that gave them.
package aspm.defaults

# 0–100, whole: the factors' sum, cut to that span.
risk := round(min([100, max([0, sum([weight | weight := factors[_].weight])])]))

# What it is, how sure that is, where it runs, who could use it, what can be done, how long it has been. A factor of
# which nothing is known is left out.
factors := [factor |
	some factor in [
		severity_factor,
		confidence_factor,
		exposure_factor,
		criticality_factor,
		cvss_factor,
		exploitability_factor,
		fix_factor,
		age_factor,
	]
	factor != null
]

points := settings.points

severity_factor := {
	"name": "severity",
	"value": input.finding.severity,
	"weight": points.severity[input.finding.severity],
}

default confidence_factor := null

confidence_factor := {
	"name": "confidence",
	"value": concat("", ["the tool's confidence is ", input.finding.confidence]),
	"weight": points.confidence[input.finding.confidence],
}

default exposure_factor := null

exposure_factor := {
	"name": "exposure",
	"value": input.application.exposure,
	"weight": points.exposure[input.application.exposure],
}

default criticality_factor := null

criticality_factor := {
	"name": "criticality",
	"value": input.application.criticality,
	"weight": points.criticality[input.application.criticality],
}

default cvss_factor := null

cvss_factor := {
	"name": "cvss",
	"value": sprintf("CVSS %v", [input.finding.cvss]),
	"weight": points.cvss[cvss_band(input.finding.cvss)],
} if {
	is_number(input.finding.cvss)
}

cvss_band(score) := "critical" if {
	score >= 9
} else := "high" if {
	score >= 7
} else := "medium" if {
	score >= 4
} else := "low"

default exploitability_factor := null

exploitability_factor := {
	"name": "exploitability",
	"value": "known to be exploited",
	"weight": points.exploitability.known_exploited,
} if {
	input.finding.known_exploited == true
} else := {
	"name": "exploitability",
	"value": sprintf("EPSS %v", [input.finding.epss]),
	"weight": points.exploitability[likelihood(input.finding.epss)],
} if {
	is_number(input.finding.epss)
}

likelihood(probability) := "likely" if {
	probability >= 0.5
} else := "possible" if {
	probability >= 0.05
} else := "unlikely"

default fix_factor := null

fix_factor := {"name": "fix", "value": "a fix is available", "weight": points.fix.available} if {
	input.finding.fix_available == true
}

default age_factor := null

age_factor := {"name": "age", "value": due_text, "weight": points.age[due_state]}

# Until when it is to be fixed: the source's date, else what the application allows for its severity since it was
# first seen.
deadline := {"date": input.finding.due, "days": 0} if {
	is_string(input.finding.due)
} else := {"date": input.finding.first_seen, "days": input.application.sla[input.finding.severity]} if {
	is_string(input.finding.first_seen)
}

due_day := day(deadline.date) + deadline.days

# Without a deadline there is no state; with one that cannot be read it is overdue.
due_state := "in_time" if {
	due_day > today + settings.due_soon_days
} else := "due_soon" if {
	due_day >= today
} else := "overdue" if {
	deadline
}

due := date_of(due_day)

due_text := concat("", ["was due on ", due]) if {
	due_state == "overdue"
} else := concat("", ["due on ", due]) if {
	due
} else := sprintf("the date %v cannot be read and counts as overdue", [deadline.date])
