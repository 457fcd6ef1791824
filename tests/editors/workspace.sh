#!/usr/bin/env bash
# Makes the repository that the editor tests open, in the folder given (which must not exist). It was scanned at its first
# commit and has moved on: the finding in archive() is three lines further down, the one in calculate() has been fixed.
set -euo pipefail
mkdir -p "$1/.aspm"
cd "$1"
git init --quiet --initial-branch=main
commit() {
  git add app.py
  git -c user.name=Tester -c user.email=tester@example.invalid -c commit.gpgsign=false commit --quiet --message "$1"
}

cat >app.py <<'PY'
import subprocess


def calculate(text):
    return eval(text)


def archive(path):
    return subprocess.call("tar cf backup.tar " + path, shell=True)


def greet(name):
    return "hello " + name
PY
commit "First version"
scanned=$(git rev-parse HEAD)

cat >app.py <<'PY'
"""A small shop."""

import ast
import subprocess


def calculate(text):
    return ast.literal_eval(text)


def archive(path):
    return subprocess.call("tar cf backup.tar " + path, shell=True)


def greet(name):
    return "hello " + name
PY
commit "Calculate safely"

cat >.aspm/bandit.sarif <<SARIF
{
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "Bandit",
          "version": "1.7.9",
          "rules": [
            {
              "id": "B602",
              "name": "subprocess_popen_with_shell_equals_true",
              "shortDescription": { "text": "A shell runs a command built from input" },
              "help": { "text": "Pass the arguments as a list and leave out shell=True." },
              "helpUri": "https://bandit.readthedocs.io/en/latest/plugins/b602_subprocess_popen_with_shell_equals_true.html",
              "properties": { "tags": ["security", "external/cwe/cwe-78"], "security-severity": "8.1" }
            },
            {
              "id": "B307",
              "name": "eval",
              "shortDescription": { "text": "Input is evaluated as code" },
              "properties": { "tags": ["security", "external/cwe/cwe-95"], "security-severity": "6.0" }
            }
          ]
        }
      },
      "invocations": [{ "executionSuccessful": true, "endTimeUtc": "2026-01-05T08:00:00Z" }],
      "versionControlProvenance": [{ "repositoryUri": "https://example.com/shop", "revisionId": "$scanned", "branch": "main" }],
      "results": [
        {
          "ruleId": "B602",
          "level": "error",
          "message": { "text": "subprocess call with shell=True identified, security issue." },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": { "uri": "app.py" },
                "region": {
                  "startLine": 9,
                  "startColumn": 12,
                  "endLine": 9,
                  "endColumn": 68,
                  "snippet": { "text": "subprocess.call(\"tar cf backup.tar \" + path, shell=True)" }
                }
              }
            }
          ]
        },
        {
          "ruleId": "B307",
          "level": "warning",
          "message": { "text": "Use of possibly insecure function - consider using safer ast.literal_eval." },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": { "uri": "app.py" },
                "region": {
                  "startLine": 5,
                  "startColumn": 12,
                  "endLine": 5,
                  "endColumn": 22,
                  "snippet": { "text": "eval(text)" }
                }
              }
            }
          ]
        }
      ]
    }
  ]
}
SARIF
