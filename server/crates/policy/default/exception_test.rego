package aspm.defaults.exception_test

test_nothing_yet if true
