#!/usr/bin/env bash
# Gives inventories to the programs that read them: the library of CycloneDX, Mermaid and Graphviz. Needs Python, Node.js, their
# registries, and `dot`.
#
#     tests/consumers/inventory.sh PROGRAM
set -euo pipefail
program="$(realpath "$1")"
cd "$(dirname "$0")/../.."
root="$PWD"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

python3 -m venv "$scratch/python"
"$scratch/python/bin/pip" install --quiet --disable-pip-version-check 'cyclonedx-python-lib[json-validation]==11.12.0'
(cd "$scratch" && npm init --yes > /dev/null && npm install --silent --no-audit --no-fund mermaid@11.17.2 jsdom@24.1.3)

# Names that mean something to those who read pictures.
mkdir "$scratch/hostile"
python3 - fixtures/n8n/editor-download/order-intake.json "$scratch/hostile" <<'PYTHON'
import json, sys
export, folder = json.load(open(sys.argv[1])), sys.argv[2]
names = ["end", "a\"b", "x\ny", "[a](b)", "</script><b>", "`code`", "1. first", "- item", "# top", "%%{init: {}}%%", "--> n1", "\\N\\l\\", "&lt;&#35;",
         "fa:fa-car", "漢字 🤖", "www.fabrikam.com", "subgraph x", "click n0 href", "a|b;c", "___", "**b**", "{{x}}", "\u202eabc", "$$x^2$$"]
for number, name in enumerate(names):
    json.dump({**export, "id": str(number), "name": name}, open(f"{folder}/{number}.json", "w"))
PYTHON

for estate in fixtures "$scratch/hostile"; do
    out="$scratch/out-$(basename "$estate")"
    mkdir "$out"
    code=0
    "$program" inventory "$estate" --output cyclonedx="$out/apps.cdx.json" --output mermaid="$out/mermaid/" --output dot="$out/dot/" \
        > "$out/table.txt" 2> "$out/errors.txt" || code=$?
    # Some fixtures are broken on purpose.
    [[ "$code" -eq 0 || ( "$code" -eq 3 && "$estate" == fixtures ) ]] || { cat "$out/errors.txt"; echo "exit code $code"; exit 1; }

    echo "== $estate: the library of CycloneDX"
    "$scratch/python/bin/python" - "$out/apps.cdx.json" <<'PYTHON'
import json, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = open(sys.argv[1]).read()
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
assert error is None, error
bom = json.loads(text)
assert bom["services"] and bom["dependencies"]
PYTHON

    echo "== $estate: Mermaid"
    (cd "$scratch" && node "$root/tests/consumers/mermaid.mjs" "$out"/mermaid/*.mmd)

    echo "== $estate: Graphviz"
    for file in "$out"/dot/*.dot; do
        # It says on standard error what it cannot make sense of.
        dot -Tsvg "$file" -o "$out/picture.svg" 2> "$out/dot.txt" || { cat "$out/dot.txt"; exit 1; }
        if grep -v 'fontconfig\|Fontconfig' "$out/dot.txt"; then echo "$file"; exit 1; fi
        python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$out/picture.svg"
    done
    [[ "$(find "$out/mermaid" -name '*.mmd' | wc -l)" -eq "$(find "$out/dot" -name '*.dot' | wc -l)" ]]
done
echo "all readers are content"
