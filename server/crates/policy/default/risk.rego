# How much a finding matters here: points that add up, each with the factor that gave them.
package aspm.defaults

# 0–100, whole: the factors' sum, cut to that span.
risk := 100 if {
	total > 100
} else := 0 if {
	total < 0
} else := round(total)

total := sum([factor.weight | some factor in factors])

factors := [factor | some [_, factor] in numbered_factors]

# The numbers give the order: what it is, how sure that is, where it runs, who could use it, what can be done, how long
# it has been. A factor of which nothing is known is left out, and so is a deadline that is far away.
numbered_factors contains [1, {
	"name": "severity",
	"value": input.finding.severity,
	"weight": points.severity[input.finding.severity],
}]

numbered_factors contains [2, {
	"name": "confidence",
	"value": concat("", ["the tool's confidence is ", input.finding.confidence]),
	"weight": points.confidence[input.finding.confidence],
}]

numbered_factors contains [3, {
	"name": "exposure",
	"value": input.application.exposure,
	"weight": points.exposure[input.application.exposure],
}]

numbered_factors contains [4, {
	"name": "criticality",
	"value": input.application.criticality,
	"weight": points.criticality[input.application.criticality],
}]

numbered_factors contains [5, {
	"name": "cvss",
	"value": sprintf("CVSS %v", [input.finding.cvss]),
	"weight": points.cvss[cvss_band],
}]

numbered_factors contains [6, {"name": "exploitability", "value": exploited[0], "weight": points.exploitability[exploited[1]]}]

numbered_factors contains [7, {"name": "fix", "value": "a fix is available", "weight": points.fix.available}] if {
	input.finding.fix_available == true
}

numbered_factors contains [8, {"name": "age", "value": due_text, "weight": points.age[due_state]}] if {
	due_state != "in_time"
}

points := settings.points

cvss_band := "critical" if {
	input.finding.cvss >= 9
} else := "high" if {
	input.finding.cvss >= 7
} else := "medium" if {
	input.finding.cvss >= 4
} else := "low" if {
	is_number(input.finding.cvss)
}

exploited := ["known to be exploited", "known_exploited"] if {
	input.finding.known_exploited == true
} else := [sprintf("EPSS %v", [input.finding.epss]), "likely"] if {
	input.finding.epss >= 0.5
} else := [sprintf("EPSS %v", [input.finding.epss]), "possible"] if {
	input.finding.epss >= 0.05
} else := [sprintf("EPSS %v", [input.finding.epss]), "unlikely"] if {
	is_number(input.finding.epss)
}

# Until when it is to be fixed: the source's date, else what the application allows for its severity since it was
# first seen.
deadline := [input.finding.due, 0] if {
	is_string(input.finding.due)
} else := [input.finding.first_seen, input.application.sla[input.finding.severity]] if {
	is_string(input.finding.first_seen)
}

due_day := day(deadline[0]) + deadline[1]

# Without a deadline there is no state; with one that cannot be read it is overdue.
due_state := "overdue" if {
	due_day < today
} else := "due_soon" if {
	due_day <= today + settings.due_soon_days
} else := "in_time" if {
	due_day
} else := "overdue" if {
	deadline
}

due := date_of(due_day)

due_text := concat("", ["was due on ", due]) if {
	due_day < today
} else := concat("", ["due on ", due]) if {
	due_day >= today
} else := sprintf("the date %v cannot be read and counts as overdue", [deadline[0]])
