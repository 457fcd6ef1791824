package aspm.defaults.gate_test

test_nothing_yet if true
