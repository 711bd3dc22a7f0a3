#!/usr/bin/env python3
"""Makes an organisation of many exports from a corpus of real ones.

    organisation.py CORPUS FOLDER NUMBER

An export is a file of n8n or Logic Apps, or a small project of Power Platform or Salesforce. Each copy gets ids, and where it says one
a name, of its own, so that it is another app with findings of its own. Exports lie in folders of business units and teams.
"""
import hashlib
import json
import pathlib
import re
import sys

GUID = re.compile(rb"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
MOST_BYTES = 150_000
MOST_FILES = 40


def exports(corpus):
    """Lists of (path within the export, bytes), in a fixed order."""
    found = []
    for platform in ("n8n", "logic-apps"):
        for path in sorted((corpus / platform).rglob("*.json")):
            if path.stat().st_size <= MOST_BYTES:
                found.append((platform, [(pathlib.PurePath(path.name), path.read_bytes())]))
    for platform in ("power-platform", "salesforce"):
        for folder in sorted(path for path in (corpus / platform).iterdir() if path.is_dir()):
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            if files and len(files) <= MOST_FILES and sum(path.stat().st_size for path in files) <= MOST_BYTES:
                found.append((platform, [(path.relative_to(folder), path.read_bytes()) for path in files]))
    return found


def another(data, number):
    """The same, of another app."""

    def other(match):
        digest = hashlib.sha256(match.group().lower() + b"%d" % number).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}".encode()

    data = GUID.sub(other, data)
    try:
        document = json.loads(data)
    except ValueError:
        return data
    if not isinstance(document, dict) or "nodes" not in document:
        return data
    document["name"] = f"{document.get('name', 'Workflow')} {number}"
    document["id"] = hashlib.sha256(b"%d" % number).hexdigest()[:16]
    return json.dumps(document, indent=2).encode()


def main():
    corpus, folder, number = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    known = exports(corpus)
    files = size = 0
    for at in range(number):
        platform, parts = known[at % len(known)]
        place = folder / f"unit-{at % 20:02}" / f"team-{at // 20 % 50:02}" / f"{platform}-{at:06}"
        for path, data in parts:
            data = another(data, at)
            target = place / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            files += 1
            size += len(data)
    print(f"{number} exports of {len(known)} real ones, {files} files, {size / 1e6:.0f} MB")


main()
