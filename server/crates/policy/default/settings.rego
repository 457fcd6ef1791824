# What can be tuned without writing Rego: put any of these under `aspm.settings` in the bundle's data.json or
# data.yaml. What is not given keeps the value below; points are merged table by table.
package aspm.defaults

# Objects merge key by key, so a bundle may change one number of one table.
settings := object.union(documented_settings, given_settings)

documented_settings := {
	# An introduced finding with at least this risk blocks; a touched one warns.
	"block_at": 60,
	# An introduced finding with at least this risk warns.
	"warn_at": 35,
	# A credential that this change introduces blocks, whatever its risk.
	"secrets_block": true,
	# A finding past its due date blocks, whoever introduced it.
	"overdue_blocks": true,
	# A vulnerability that is known to be exploited blocks, whoever introduced it.
	"known_exploited_blocks": true,
	# This many days before its due date a finding gains the points of `due_soon`.
	"due_soon_days": 7,
	# CI lets an exception pass that this change only asks for.
	"requested_passes_ci": false,
	# Tools that must have reported before any gate passes, beside those of the application.
	"required_scanners": [],
	# What people may say of a finding: `false_positive`, `accept`, `out_of_scope`, `close`, `reopen`, `verify`, `note`,
	# `tag`, `untag`.
	"triage": {
		# These need a reason,
		"reason_for": ["false_positive", "accept", "out_of_scope", "close", "reopen", "note"],
		# of at least this many characters.
		"reason_letters": 1,
		# These need a last day;
		"until_for": ["accept"],
		# a last day may be at most this many days ahead; 0: any.
		"until_days": 0,
		# These nobody may say: `close`, or for one severity `accept:critical`.
		"forbidden": [],
	},
	# What each factor adds to the risk.
	"points": {
		"severity": {"info": 0, "low": 15, "medium": 35, "high": 60, "critical": 75},
		"confidence": {"low": -10, "medium": 0, "high": 0},
		"exposure": {"internet": 10, "partner": 5, "internal": 0, "isolated": -15},
		"criticality": {"critical": 10, "high": 5, "medium": 0, "low": -10},
		"cvss": {"critical": 5, "high": 0, "medium": 0, "low": -5},
		"exploitability": {"known_exploited": 25, "likely": 15, "possible": 5, "unlikely": 0},
		"fix": {"available": 5},
		"age": {"overdue": 15, "due_soon": 5},
	},
}

default given_settings := {}

given_settings := data.aspm.settings
