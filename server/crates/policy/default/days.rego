# Dates as days: everything compares by day in UTC. A text that is no date has no day; who asks must treat that as the
# strict case and say so.
package aspm.defaults.days

day_ns := 86400000000000

# A day for years that nanoseconds cannot hold: "9999-12-31" is how people write "never".
far := 200000

today := day(input.now)

# Days since 1970-01-01, of `2026-03-01` or `2026-03-01T10:00:00+02:00`.
day(text) := far if {
	is_far(text)
} else := floor(time.parse_rfc3339_ns(moment(text)) / day_ns)

moment(text) := concat("", [text, "T00:00:00Z"]) if {
	count(text) == 10
} else := text

is_far(text) if {
	to_number(substring(text, 0, 4)) >= 2262
	time.parse_rfc3339_ns(moment(concat("", ["2000", substring(text, 4, -1)])))
}

# The other way round: `2026-03-01`.
text(number) := "9999-12-31" if {
	number >= far
} else := sprintf("%04d-%02d-%02d", time.date(number * day_ns))
