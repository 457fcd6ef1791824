"""What every test of the gate starts from: a reviewed base on main, a branch, and the hook in place."""

import re
import unittest

import tools
from repository import BAD, CALL, SAFE

HIGH = "[introduced-high-risk]"


class Gate(unittest.TestCase):
    """Tests below it run once for each tool: `for_each_tool` makes the classes."""

    tool = None

    @classmethod
    def setUpClass(cls):
        cls.home = tools.home()
        cls.addClassCleanup(cls.home.remove)
        cls.hooks = tools.hook_repository(cls.home)

    def setUp(self):
        self.repo = self.home.repository()
        self.repo.ignore("/.aspm/scan.sarif")
        self.repo.add(self.tool.config, tools.entry(self.hooks))
        self.repo.add("app.py", SAFE)
        self.base = self.repo.commit("Base")
        self.repo.git("switch", "--quiet", "--create", "feature")
        self.install(self.repo)

    def install(self, repo):
        """Puts the tool's hooks into the repository."""
        kinds = ["--hook-type", "pre-commit", "--hook-type", "pre-push"]
        answer = repo.run(self.tool.name, "install", *kinds)
        self.assertEqual(answer.code, 0, answer)

    def tool_run(self, *args, **more):
        """Runs the tool by hand."""
        return self.repo.run(self.tool.name, "run", *args, **more)

    def commit(self, *args, **more):
        """`git commit`, hooks and all."""
        return self.repo.run("git", "commit", "--message", "Change", *args, **more)

    def head(self):
        """The commit that is checked out."""
        return self.repo.git("rev-parse", "HEAD")

    def scanned(self, *results, **more):
        """The usual log: the call in app.py, unless told otherwise."""
        self.repo.scan(*(results or [("app.py", BAD, CALL)]), **more)

    def blocked(self, answer, at="app.py:9:12", clause=HIGH):
        """It was stopped, by our gate, at this place, by this clause."""
        self.assertNotEqual(answer.code, 0, answer)
        for words in (f"--> {at}", clause, "Blocked: 1 violation", "exit code: 1"):
            self.assertTrue(answer.says(words), f"no {words!r} in\n{answer}")
        return answer

    def passed(self, answer, *words):
        """It went through, and our gate ran and says how it stands."""
        self.assertEqual(answer.code, 0, answer)
        ran = re.search(r"security gate \(aspm-lsp\)\.+Passed", answer.text)
        self.assertTrue(ran, f"the gate did not run:\n{answer}")
        for one in words or ("Passed: nothing stands against it",):
            self.assertTrue(answer.says(one), f"no {one!r} in\n{answer}")
        return answer


def for_each_tool(cases, names):
    """Makes the test classes of a module: each class of cases with pre-commit and with prek."""
    for tool in (tools.PreCommit, tools.Prek):
        name = f"{cases.__name__}On{tool.__name__}"
        names[name] = type(name, (cases, Gate), {"tool": tool, "__module__": names["__name__"]})
