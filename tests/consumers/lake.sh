#!/usr/bin/env bash
# Makes a lake of findings from runs over the fixtures, and asks it what docs/lake.md asks, by the DuckDB that users have. Needs Python and
# its registry.
#
#     tests/consumers/lake.sh PROGRAM
set -euo pipefail
program="$(realpath "$1")"
cd "$(dirname "$0")/../.."
root="$PWD"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

python3 -m venv "$scratch/python"
"$scratch/python/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.0

# run REPOSITORY DAY FOLDER: judges the folder as that repository on that day.
run() {
    local place="$scratch/lake/repository=$1/day=$2" code=0
    mkdir -p "$place"
    (cd "$3" && SOURCE_DATE_EPOCH=1795262400 "$program" check . --profile strict --quiet --output jsonl="$place/flowgate.jsonl" \
        --output json="$scratch/$1-$2.json" > /dev/null) || code=$?
    [[ "$code" -eq 1 ]] || { echo "exit code $code instead of 1"; exit 1; }
}

# The flows of two business units; one grows between two days. The finding of a third repository is waived.
mkdir -p "$scratch/flows/finance" "$scratch/flows/sales" "$scratch/waived/.flowgate/waivers"
cp -r fixtures/n8n/editor-download "$scratch/flows/finance/orders"
cp -r fixtures/n8n/agent "$scratch/flows/sales/agent"
run flows 2026-11-20 "$scratch/flows"
cp -r fixtures/n8n/published-version "$scratch/flows/sales/mail"
run flows 2026-11-21 "$scratch/flows"
run solutions 2026-11-21 "$root/fixtures/power-platform"

cp fixtures/n8n/editor-download/order-intake.json "$scratch/waived/"
cat > "$scratch/waived/.flowgate/policy.yaml" <<'POLICY'
apiVersion: flowgate/v1
functions: { security: { members: [ana] } }
people: { ana: {}, olga: {} }
waivers: { approver: security }
POLICY
run waived 2026-11-20 "$scratch/waived"
rm -r "$scratch/lake/repository=waived"
print="$("$scratch/python/bin/python" -c '
import json, sys
print(next(one["fingerprint"] for one in json.load(open(sys.argv[1]))["findings"] if one["rule"] == "query-injection"))
' "$scratch/waived-2026-11-20.json")"
cat > "$scratch/waived/.flowgate/waivers/WV-1.yaml" <<WAIVER
id: WV-1
rule: query-injection
fingerprint: '$print'
category: risk-accepted
reason: a test
owner: olga
requested_by: olga
approved_by: [{ id: ana, function: security, on: 2026-11-20 }]
expires: 2026-12-01
WAIVER
run waived 2026-11-21 "$scratch/waived"

cd "$scratch"
"$scratch/python/bin/python" - "$root/docs/lake.md" <<'PYTHON'
import collections, datetime, json, re, sys
import duckdb

text = open(sys.argv[1]).read()
blocks = dict(re.findall(r"^## (.+?)\n(?:(?!^## ).)*?^```sql\n(.*?)^```", text, re.M | re.S))
assert len(blocks) == len(re.findall("^```sql$", text, re.M)) == 8, list(blocks)

lake = duckdb.connect()
lake.execute(blocks.pop("The tables"))
rows = {}
for name, query in blocks.items():
    answer = lake.execute(query)
    names = [column[0] for column in answer.description]
    rows[name] = [dict(zip(names, row)) for row in answer.fetchall()]
    assert rows[name], f"no answer: {name}"

report = lambda name: json.load(open(f"{name}.json"))["findings"]
before, flows, solutions, waived = map(report, ["flows-2026-11-20", "flows-2026-11-21", "solutions-2026-11-21", "waived-2026-11-21"])
now = flows + solutions + waived
assert lake.execute("SELECT count(*) FROM open").fetchone()[0] == len(now)

weights = {"critical": 10, "high": 5, "medium": 2, "low": 0.5, "info": 0}
apps = collections.Counter()
for repository, findings in [("flows", flows), ("solutions", solutions), ("waived", waived)]:
    for one in findings:
        if not one["waived"]:
            app = one["app"] or {"name": "", "id": ""}
            apps[repository, one["platform"], app["name"] or app["id"] or one["file"]] += weights[one["severity"]]
worst = rows["Which apps are worst"]
assert float(worst[0]["weight"]) == max(apps.values()) and worst[0]["rules"], worst[0]
assert {(row["repository"], row["platform"], row["app_name"]): float(row["weight"]) for row in worst}.items() <= apps.items()

units = rows["Which rules each business unit breaks"]
assert sum(row["findings"] for row in units) == len(now)
assert sum(row["findings"] for row in units if row["unit"] == "sales") == sum(one["file"].startswith(("sales/", "./sales/")) for one in flows)

known = {one["fingerprint"] for one in before}
new = {one["fingerprint"] for one in flows} - known
told = {row["fingerprint"] for row in rows["What is new since the last run"] if row["repository"] == "flows"}
assert new and told == new, (told, new)

trend = rows["What has become of it over time"]
assert [(str(row["day"]), row["repositories"], row["findings"]) for row in trend] == [("2026-11-20", 1, len(before)), ("2026-11-21", 3, len(now))], trend
assert trend[1]["waived"] == 1 and trend[1]["apps"] > trend[0]["apps"] > 0

gates = {row["repository"]: row for row in rows["How each gate stands, and with which version"]}
assert set(gates) == {"flows", "solutions", "waived"} and all(row["verdict"] == "blocked" and row["tool_version"] for row in gates.values())
assert gates["flows"]["findings"] == len(flows) and gates["flows"]["blocking"] == sum(one["blocks"] for one in flows)

[waiver] = rows["Which waivers end next"]
assert (waiver["waiver"], waiver["expires"], waiver["repository"]) == ("WV-1", datetime.date(2026, 12, 1), "waived"), waiver

tags = collections.Counter(tag for one in now for tag in one["tags"] if tag.startswith("cwe:"))
assert {row["tag"]: row["findings"] for row in rows["Which weaknesses are most common"]} == tags
print(f"the lake answers {len(rows)} questions about {len(now)} findings")
PYTHON
