#!/usr/bin/env python3
"""Makes src/taxonomy/cwe.tsv from MITRE's CWE catalogue.

Usage: make_cwe_table.py cwec_vX.Y.xml > src/taxonomy/cwe.tsv

Reads the catalogue's XML (the complete download, with weaknesses, categories and views) and writes one line a number:
number, parents in the research view (CWE-1000, ChildOf), name, separated by tabs, sorted by number. Weaknesses,
categories and views are listed, because tools report all three; only weaknesses have parents.
"""

import sys
import xml.etree.ElementTree as ElementTree

RESEARCH_VIEW = "1000"


def local(element):
    return element.tag.rsplit("}", 1)[-1]


def parents(weakness):
    found = {
        int(relation.get("CWE_ID"))
        for relation in weakness.iter()
        if local(relation) == "Related_Weakness"
        and relation.get("Nature") == "ChildOf"
        and relation.get("View_ID") == RESEARCH_VIEW
    }
    return sorted(found)


def main(path):
    catalogue = ElementTree.parse(path).getroot()
    rows = {}
    for group in catalogue:
        for entry in group:
            if local(entry) in ("Weakness", "Category", "View"):
                above = parents(entry) if local(entry) == "Weakness" else []
                rows[int(entry.get("ID"))] = (above, " ".join(entry.get("Name").split()))
    unknown = {parent for above, _ in rows.values() for parent in above} - rows.keys()
    if unknown:
        sys.exit(f"parents that are not in the catalogue: {sorted(unknown)}")
    print(f"# CWE {catalogue.get('Version')} ({catalogue.get('Date')}); CWE is a trademark and the list a work of The MITRE Corporation.")
    print("# number, parents in view CWE-1000, name; made by tools/make_cwe_table.py")
    for number, (above, name) in sorted(rows.items()):
        print(number, ",".join(map(str, above)), name, sep="\t")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
