"""Runs the tests of this folder, one line each; the last line adds up: `N passed, N failed`.

    tests/hook/run.sh [WORD…]      all of them, or those whose name contains a word
"""

import sys
import time
import unittest
from pathlib import Path


class Lines(unittest.TestResult):
    """One line a test. A skipped test has failed: what is missing is a failure."""

    def __init__(self):
        super().__init__()
        self.passed = self.failed = 0

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()
        self.broken = False

    def stopTest(self, test):
        super().stopTest(test)
        self.count(test, self.broken)

    def count(self, test, is_broken):
        self.passed, self.failed = self.passed + (not is_broken), self.failed + is_broken
        name = test.id().replace("_", " ")
        print(f"{'not ok' if is_broken else 'ok'} - {name} ({time.monotonic() - self.began:.1f} s)", flush=True)

    def tell(self, test, error):
        is_in_test = getattr(self, "broken", None) is not None and isinstance(test, unittest.TestCase)
        self.began = getattr(self, "began", time.monotonic())
        print(self._exc_info_to_string(error, test) if isinstance(test, unittest.TestCase) else repr(error[1]))
        if is_in_test:
            self.broken = True
        else:
            self.count(test, True)

    def addError(self, test, error):
        self.tell(test, error)

    def addFailure(self, test, error):
        self.tell(test, error)

    def addSubTest(self, test, subtest, error):
        if error is not None:
            print(subtest)
            self.tell(test, error)

    def addSkip(self, test, reason):
        print(f"skipped: {reason}")
        self.broken = True


def chosen(suite, words):
    """The tests whose name contains one of the words."""
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from chosen(one, words)
        elif not words or any(word in one.id().replace("_", " ") for word in words):
            yield one


def main():
    """Zero if there was something to run and all of it passed."""
    found = unittest.defaultTestLoader.discover(str(Path(__file__).parent), top_level_dir=str(Path(__file__).parent))
    result = Lines()
    unittest.TestSuite(chosen(found, sys.argv[1:])).run(result)
    print(f"{result.passed} passed, {result.failed} failed")
    return 0 if result.passed and not result.failed else 1


sys.exit(main())
