package aspm.defaults.verdict_test

test_nothing_yet if true
