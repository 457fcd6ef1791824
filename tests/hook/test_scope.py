"""What the tools ask about beside a plain commit: all files, two refs, a push; and from where."""

from gate import for_each_tool
from repository import BAD, CALL, FIXED, SAFE, Repository


class Scopes:
    def test_all_files_judges_the_tree_and_is_no_false_all_clear(self):
        self.scanned()
        self.passed(self.tool_run("--all-files"))
        self.repo.add("app.py", BAD)
        self.repo.commit("Bypassed")
        self.blocked(self.tool_run("--all-files"))

    def test_a_run_with_nothing_staged_says_that_there_is_nothing(self):
        self.scanned()
        self.passed(self.tool_run(), "Nothing to check: nothing is staged")

    def test_two_refs_are_judged_by_what_is_between_them(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        bad = self.repo.commit("Bypassed")
        self.repo.add("note.txt", "a note\n")
        self.repo.commit("Note")
        self.blocked(self.tool_run("--from-ref", "main", "--to-ref", "HEAD"))
        self.passed(self.tool_run("--from-ref", bad, "--to-ref", "HEAD"), "Passed: ")

    def test_two_refs_are_judged_as_committed_whatever_is_staged_or_on_disk(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        self.repo.commit("Bypassed")
        self.repo.add("app.py", FIXED)
        self.blocked(self.tool_run("--from-ref", "main", "--to-ref", "HEAD"))

    def test_the_manual_stage_runs_it(self):
        self.scanned()
        self.repo.add("app.py", BAD)
        staged = "--stage" if self.tool.name == "prek" else "--hook-stage"
        self.blocked(self.tool_run(staged, "manual"))

    def test_a_push_is_judged_by_what_is_new_to_the_remote(self):
        remote = self.repo.path.parent / "remote.git"
        self.repo.git("init", "--quiet", "--bare", str(remote))
        self.repo.git("remote", "add", "origin", str(remote))
        self.repo.git("push", "--quiet", "--no-verify", "origin", "main")
        self.scanned()
        self.repo.add("app.py", BAD)
        self.repo.commit("Bypassed")
        self.blocked(self.repo.run("git", "push", "origin", "feature"))
        self.assertEqual(self.repo.git("ls-remote", "--heads", str(remote), "feature"), "")
        self.repo.add("app.py", FIXED)
        self.repo.scan()
        self.passed(self.commit())
        self.passed(self.repo.run("git", "push", "origin", "feature"))
        self.assertIn("feature", self.repo.git("ls-remote", "--heads", str(remote), "feature"))

    def test_the_first_push_to_an_empty_remote_is_judged(self):
        remote = self.repo.path.parent / "remote.git"
        self.repo.git("init", "--quiet", "--bare", str(remote))
        self.repo.git("remote", "add", "origin", str(remote))
        self.scanned()
        self.repo.add("app.py", BAD)
        self.repo.commit("Bypassed")
        self.blocked(self.repo.run("git", "push", "origin", "feature"))

    def test_a_sub_folder_is_as_good_a_place_as_the_root(self):
        bad, place = "src/deep/app.py", "src/deep/app.py:9:12"
        self.scanned((bad, BAD, CALL))
        self.repo.add(bad, BAD)
        self.blocked(self.commit(cwd="src/deep"), at=place)
        self.blocked(self.tool_run(cwd="src"), at=place)

    def test_another_work_tree_has_its_own_index(self):
        other = self.repo.path.parent / "other"
        self.repo.git("worktree", "add", "--quiet", "-b", "second", str(other))
        self.repo.add("app.py", FIXED)
        main, self.repo = self.repo, Repository(other, self.repo.env)
        self.scanned()
        self.repo.add("app.py", BAD)
        self.blocked(self.commit())
        self.blocked(self.commit("app.py"))
        self.repo = main
        self.scanned()
        self.passed(self.commit())

    def test_paths_with_spaces_quotes_and_other_scripts(self):
        for path in ("src/my file.py", "Ärger/größe.py", "日本/コード.py", "it's 100% (odd) [x].py"):
            with self.subTest(path):
                self.scanned((path, BAD, CALL))
                self.repo.add(path, BAD)
                self.blocked(self.commit(), at=f"{path}:9:12")
                self.repo.git("rm", "--quiet", "--force", "--", path)
                self.repo.add(path, SAFE)
                self.passed(self.commit())


for_each_tool(Scopes, globals())
