package aspm.defaults.risk_test

test_nothing_yet if true
