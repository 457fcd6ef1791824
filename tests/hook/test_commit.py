"""Commits as people make them: what is stopped, what goes through, what the screen says."""

import re
import shlex

from gate import HIGH, for_each_tool
from repository import BAD, CALL, FIXED, SAFE


class Commits:
    def test_a_change_that_brings_a_high_finding_is_blocked_with_the_clause_and_the_way_out(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        answer = self.blocked(self.commit())
        self.assertEqual(self.head(), self.base)
        for words in (
            "This change introduces it",
            "Pass the arguments as a list and leave out shell=True.",
            "way out: fix it, or `aspm-lsp triage ",
            "--reason",
        ):
            self.assertTrue(answer.says(words), f"no {words!r} in\n{answer}")
        widest = max(len(line) for line in answer.text.splitlines())
        self.assertLessEqual(widest, 80 + self.tool.indent, answer)

    def test_after_triage_the_commit_passes_and_says_that_the_exception_waits_for_approval(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        finding = re.search(r"aspm-lsp triage (\w+)", self.blocked(self.commit()).text)[1]
        asked = ("--status", "false_positive", "--reason", "the path is a constant")
        self.assertEqual(self.repo.run("aspm-lsp", "triage", finding, *asked).code, 0)
        self.repo.git("add", ".aspm/exceptions.yaml")
        waits = "An exception is requested in this change and awaits approval"
        self.passed(self.commit(), waits, "Passed: 1 warning", "the path is a constant", "takes effect once merged")
        self.assertNotEqual(self.head(), self.base)

    def test_the_way_out_works_as_it_is_printed(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        printed = re.search(r"fix it, or `(aspm-lsp triage [^`]+)`", " ".join(self.blocked(self.commit()).text.split()))[1]
        typed = shlex.split(printed.replace("…", "a constant").replace("YYYY-MM-DD", "2999-12-31"))
        answer = self.repo.run(*typed)
        self.assertEqual(answer.code, 0, answer)

    def test_an_exception_that_is_not_staged_does_not_count(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        finding = re.search(r"aspm-lsp triage (\w+)", self.blocked(self.commit()).text)[1]
        self.repo.run("aspm-lsp", "triage", finding, "--status", "false_positive", "--reason", "no")
        self.blocked(self.commit())

    def test_a_good_change_passes_and_a_finding_that_was_there_before_does_not_stop_it(self):
        self.repo.add("old.py", BAD)
        self.repo.commit("Old sins")
        self.scanned(("old.py", BAD, CALL))
        self.repo.add("app.py", FIXED)
        self.passed(self.commit(), "Passed: ")

    def test_the_very_first_commit_is_judged(self):
        self.repo.git("checkout", "--quiet", "--orphan", "fresh")
        self.scanned()
        self.repo.add("app.py", BAD)
        self.blocked(self.commit())

    def test_a_fix_that_is_only_on_disk_excuses_nothing(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        self.repo.write("app.py", FIXED)
        self.blocked(self.commit())
        self.assertEqual(self.repo.read("app.py"), FIXED)

    def test_a_flaw_that_is_only_on_disk_stops_nothing(self):
        self.scanned()
        self.repo.add("app.py", FIXED)
        self.repo.write("app.py", BAD)
        self.passed(self.commit())
        self.assertEqual(self.repo.read("app.py"), BAD)

    def test_commit_all_is_judged_by_what_it_takes_along(self):
        self.scanned()
        self.repo.write("app.py", BAD)
        self.blocked(self.commit("--all"))
        self.repo.write("app.py", FIXED)
        self.passed(self.commit("--all"))

    def test_commit_of_named_files_is_judged_by_those_alone(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        self.repo.add("note.txt", "a note\n")
        self.passed(self.commit("note.txt"))
        self.assertEqual(self.repo.git("diff", "--cached", "--name-only"), "app.py")
        self.blocked(self.commit("app.py"))

    def test_without_data_it_passes_and_says_so_in_full(self):
        self.repo.add("app.py", BAD)
        self.passed(self.commit(), "nobody can say whether this may pass", 'Source "sarif" has no data')

    def test_a_bypass_is_visible_afterwards(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        self.assertEqual(self.commit("--no-verify").code, 0)
        for command in (("--diff", "main"), ()):
            answer = self.repo.run("aspm-lsp", "check", *command)
            self.assertEqual(answer.code, 1, answer)
            self.assertTrue(answer.says("introduced by this change"), answer)
            self.assertTrue(answer.says(HIGH), answer)

    def test_a_change_that_takes_the_hook_out_is_visible_afterwards(self):
        self.scanned()
        self.repo.add(self.tool.config, "repos:\n- repo: meta\n  hooks:\n  - id: identity\n")
        self.repo.add("app.py", BAD)
        answer = self.commit()
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual(self.repo.run("aspm-lsp", "check", "--diff", "main").code, 1)

    def test_without_the_program_nothing_passes(self):
        self.repo.add("app.py", SAFE + "# more\n")
        path = self.repo.env["PATH"].split(":")
        tools_only = self.repo.path.parent / "bin"
        tools_only.mkdir()
        for name in (self.tool.name, "uv"):
            (tools_only / name).symlink_to(f"{path[0]}/{name}")
        answer = self.commit(PATH=":".join([str(tools_only), *path[1:]]))
        self.assertNotEqual(answer.code, 0, answer)
        self.assertEqual(self.head(), self.base)


for_each_tool(Commits, globals())
