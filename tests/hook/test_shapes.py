"""Repositories and changes of unusual shape: deletions, renames, submodules, sparse checkouts, merges, hostile ones."""

import textwrap

from gate import for_each_tool
from repository import BAD, CALL, FIXED, SAFE


class Shapes:
    def old_sin(self, path="old.py"):
        """A finding that was there before the branch."""
        self.repo.git("switch", "--quiet", "main")
        self.repo.add(path, BAD)
        self.repo.commit("Old sins")
        self.repo.git("switch", "--quiet", "feature")
        self.repo.git("reset", "--quiet", "--hard", "main")

    def test_a_change_that_only_deletes_is_judged_and_passes(self):
        self.old_sin()
        self.scanned(("old.py", BAD, CALL))
        self.repo.git("rm", "--quiet", "old.py")
        self.passed(self.commit())

    def test_a_rename_brings_nothing_new(self):
        self.old_sin()
        self.scanned(("old.py", BAD, CALL))
        self.repo.git("mv", "old.py", "renamed.py")
        self.passed(self.commit(), "Passed: ")

    def test_a_rename_does_not_hide_what_comes_with_it(self):
        self.repo.git("mv", "app.py", "renamed.py")
        self.repo.add("renamed.py", BAD)
        self.scanned(("renamed.py", BAD, CALL))
        self.blocked(self.commit(), at="renamed.py:9:12")

    def test_a_link_and_a_change_of_mode_do_not_break_it(self):
        (self.repo.path / "link.py").symlink_to("app.py")
        (self.repo.path / "dangling").symlink_to("nowhere")
        (self.repo.path / "app.py").chmod(0o755)
        self.repo.git("add", "--all")
        self.scanned()
        self.passed(self.commit())

    def test_a_submodule_does_not_break_it_nor_hide_anything(self):
        library = self.home.repository("library")
        library.add("lib.py", BAD)
        library.commit("Library")
        self.repo.git("submodule", "--quiet", "add", str(library.path), "vendor/lib")
        self.scanned()
        self.passed(self.commit())
        library.add("lib.py", FIXED)
        library.commit("Fixed")
        self.repo.git("-C", "vendor/lib", "pull", "--quiet")
        self.repo.git("add", "vendor/lib")
        # Only the commit of the library changed: none of our files did.
        self.passed(self.commit(), "Nothing to check")
        self.passed(self.tool_run("--all-files"))
        self.repo.add("app.py", BAD)
        self.blocked(self.commit())

    def test_a_sparse_checkout_does_not_break_it_nor_hide_anything(self):
        self.repo.add("far/away.py", SAFE)
        self.repo.add("near/app.py", SAFE)
        self.repo.commit("Two folders")
        self.repo.git("sparse-checkout", "set", "--cone", "near")
        self.assertFalse((self.repo.path / "far/away.py").exists())
        self.scanned(("near/app.py", BAD, CALL), ("far/away.py", BAD, CALL))
        self.repo.add("near/app.py", FIXED)
        self.passed(self.commit())
        self.passed(self.tool_run("--all-files"))
        self.repo.add("near/app.py", BAD)
        self.blocked(self.commit(), at="near/app.py:9:12")
        # Staged without ever being on disk.
        self.repo.git("reset", "--quiet", "--hard")
        self.repo.write("bad.tmp", BAD)
        blob = self.repo.git("hash-object", "-w", "bad.tmp")
        (self.repo.path / "bad.tmp").unlink()
        self.repo.git("update-index", "--cacheinfo", f"100644,{blob},far/away.py")
        self.blocked(self.commit(), at="far/away.py:9:12")

    def conflict(self, ours, theirs):
        """A merge of main into the branch that stopped at note.txt."""
        self.repo.git("switch", "--quiet", "main")
        self.repo.add("note.txt", "theirs\n")
        theirs()
        self.repo.commit("Theirs")
        self.repo.git("switch", "--quiet", "feature")
        self.repo.add("note.txt", "ours\n")
        ours()
        self.repo.commit("Ours")
        self.assertNotEqual(self.repo.run("git", "merge", "main").code, 0)

    def test_a_merge_commit_is_judged_once_its_conflicts_are_solved(self):
        self.conflict(lambda: None, lambda: self.repo.add("other.py", SAFE))
        self.scanned()
        self.repo.add("note.txt", "both\n")
        self.passed(self.commit())
        self.assertEqual(len(self.repo.git("rev-list", "--parents", "-1", "HEAD").split()), 3)

    def test_a_merge_commit_is_not_blamed_for_what_main_brings(self):
        self.conflict(lambda: None, lambda: self.repo.add("old.py", BAD))
        self.scanned(("old.py", BAD, CALL), commit=self.repo.git("rev-parse", "main"))
        self.repo.add("note.txt", "both\n")
        self.passed(self.commit(), "Passed: ")

    def test_a_flaw_that_solving_a_conflict_brings_is_blocked(self):
        self.conflict(lambda: None, lambda: None)
        self.scanned()
        self.repo.add("note.txt", "both\n")
        self.repo.add("app.py", BAD)
        self.blocked(self.commit())

    def test_a_merge_that_is_not_solved_does_not_pass(self):
        self.conflict(lambda: None, lambda: None)
        self.scanned()
        answer = self.commit("--all", "--dry-run")
        self.assertIn("note.txt", answer.text)
        answer = self.commit()
        self.assertNotEqual(answer.code, 0, answer)

    def test_a_change_cannot_name_another_log_to_clear_itself(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        self.repo.add("clean/scan.sarif", '{"version": "2.1.0", "runs": []}')
        self.repo.add("aspm.toml", '[[source]]\nname = "clean"\nkind = "sarif"\npath = "clean/*.sarif"\n')
        answer = self.blocked(self.commit())
        self.assertTrue(answer.says("aspm.toml added: takes effect once merged"), answer)

    def test_a_change_cannot_bring_the_scan_that_clears_it(self):
        (self.repo.path / ".git/info/exclude").write_text("", "utf-8")
        self.scanned()
        self.repo.git("add", ".aspm/scan.sarif")
        self.repo.commit("The scan is in git")
        self.repo.add(".aspm/scan.sarif", '{"version": "2.1.0", "runs": []}')
        self.repo.add("app.py", BAD)
        self.blocked(self.commit())

    def test_a_change_cannot_bring_the_policy_that_clears_it(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        self.repo.add("policy/.manifest", '{"revision": "mine", "roots": ["aspm"]}')
        allow = """\
            package aspm

            verdict := {"action": "inform", "risk": 0, "factors": [], "reasons": []}

            gate := {"pass": true, "violations": []}
            """
        self.repo.add("policy/allow.rego", textwrap.dedent(allow))
        self.repo.add("aspm.toml", '[policy]\nbundle = "policy/"\n')
        self.blocked(self.commit())

    def test_a_change_cannot_approve_its_own_exception(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        finding = self.blocked(self.commit()).text.split("aspm-lsp triage ")[1].split()[0]
        self.repo.run("aspm-lsp", "triage", finding, "--status", "false_positive", "--reason", "mine")
        text = self.repo.read(".aspm/exceptions.yaml")
        claim = text.replace("    status: false_positive", "    status: false_positive\n    approved_by: root", 1)
        self.repo.add(".aspm/exceptions.yaml", claim)
        answer = self.commit()
        self.assertFalse(answer.says("Passed: nothing stands against it"), answer)
        self.assertEqual(self.repo.run("aspm-lsp", "check", "--diff", "main", CI="1").code, 1 if answer.code == 0 else 2)


for_each_tool(Shapes, globals())
