# How much a finding matters here: points that add up, each with the factor that gave them.
package aspm.defaults.risk

import data.aspm.defaults.days
import data.aspm.defaults.settings

points := settings.current.points

# 0–100, whole: the factors' sum, cut to that span.
value := round(min([100, max([0, total])]))

total := sum([factor.weight | some factor in factors])

# Worst first is not promised; the order is: what it is, how sure, where it runs, who could use it, what can be done.
factors := [factor |
	some factor in [severity, confidence, exposure, criticality, cvss, exploitability, fix, age]
	factor != null
]

severity := {
	"name": "severity",
	"value": input.finding.severity,
	"weight": points.severity[input.finding.severity],
}

default confidence := null

confidence := {
	"name": "confidence",
	"value": concat("", ["the tool's confidence is ", input.finding.confidence]),
	"weight": points.confidence[input.finding.confidence],
}

default exposure := null

exposure := {
	"name": "exposure",
	"value": input.application.exposure,
	"weight": points.exposure[input.application.exposure],
}

default criticality := null

criticality := {
	"name": "criticality",
	"value": input.application.criticality,
	"weight": points.criticality[input.application.criticality],
}

default cvss := null

cvss := {
	"name": "cvss",
	"value": sprintf("CVSS %v", [input.finding.cvss]),
	"weight": points.cvss[band(input.finding.cvss)],
} if {
	is_number(input.finding.cvss)
}

band(score) := "critical" if {
	score >= 9
} else := "high" if {
	score >= 7
} else := "medium" if {
	score >= 4
} else := "low"

default exploitability := null

exploitability := {
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

default fix := null

fix := {
	"name": "fix",
	"value": "a fix is available",
	"weight": points.fix.available,
} if {
	input.finding.fix_available == true
}

default age := null

age := {
	"name": "age",
	"value": due_text,
	"weight": points.age[due_state],
}

# Until when it is to be fixed: the source's date, else what the application allows for its severity.
due_source := {"date": input.finding.due, "days": 0} if {
	is_string(input.finding.due)
} else := {"date": input.finding.first_seen, "days": input.application.sla[input.finding.severity]} if {
	is_string(input.finding.first_seen)
}

# No day when there is no due date, and none when the date cannot be read: `due_state` tells them apart.
due_day := days.day(due_source.date) + due_source.days

due_state := "in_time" if {
	due_day > days.today + settings.current.due_soon_days
} else := "due_soon" if {
	due_day >= days.today
} else := "overdue" if {
	due_source
}

overdue if due_state == "overdue"

due := days.text(due_day)

due_text := concat("", ["was due on ", due]) if {
	overdue
} else := concat("", ["due on ", due]) if {
	due
} else := sprintf("the date %v cannot be read and counts as overdue", [due_source.date])
