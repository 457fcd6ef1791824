package aspm.defaults.days_test

test_nothing_yet if true
