# Dates as days: everything compares by day in UTC. A text that is no date has no day; who asks must treat that as the
# strict case and say so.
package aspm.defaults

day_ns := 86400000000000

# A day for years that nanoseconds cannot hold: "9999-12-31" is how people write "never".
far_day := 200000

today := floor(time.parse_rfc3339_ns(input.now) / day_ns)

# Days since 1970-01-01, of `2026-03-01` or `2026-03-01T10:00:00+02:00`. Years are four digits, which compare as text.
day(date) := floor(time.parse_rfc3339_ns(concat("", [date, "T00:00:00Z"])) / day_ns) if {
	count(date) == 10
	date < "2262"
} else := floor(time.parse_rfc3339_ns(date) / day_ns) if {
	count(date) > 10
	date < "2262"
} else := far_day if {
	date >= "2262"
	to_number(substring(date, 0, 4))
	# The rest of it must still be a date.
	time.parse_rfc3339_ns(concat("", ["2000", substring(date, 4, 6), "T00:00:00Z"]))
}

# The other way round: `2026-03-01`.
date_of(number) := "9999-12-31" if {
	number >= far_day
} else := sprintf("%04d-%02d-%02d", time.date(number * day_ns))
