package aspm.defaults_test

import data.aspm.defaults

test_a_date_and_a_time_of_that_day_in_utc_are_the_same_day if {
	defaults.day("2026-03-01") == 20513
	defaults.day("2026-03-01T00:00:00Z") == 20513
	defaults.day("2026-03-01T23:59:59.999Z") == 20513
	defaults.day("2026-02-28T23:30:00-02:00") == 20513
	defaults.day("2026-03-02T01:00:00+02:00") == 20513
}

test_never_is_far_away if {
	defaults.day("9999-12-31") == defaults.far_day
	defaults.date_of(defaults.day("9999-12-31")) == "9999-12-31"
}

test_nothing_that_is_no_date_has_a_day if {
	every text in ["", "soon", "2026-02-29", "2026-13-01", "9999-99-99", "2026-3-1", "20260301xx", "31.12.2026"] {
		not defaults.day(text)
	}
}

test_a_day_is_written_as_it_was_read if {
	every date in ["1970-01-01", "2024-02-29", "2026-03-01", "2199-12-31"] {
		defaults.date_of(defaults.day(date)) == date
	}
}
