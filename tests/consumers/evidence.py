"""Reads evidence with the attestation library of in-toto: statements, and the predicates that the library knows."""

import json
import sys

from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

KNOWN = {
    "https://in-toto.io/attestation/test-result/v0.1": test_result_pb2.TestResult,
    "https://slsa.dev/verification_summary/v1": vsa_pb2.VerificationSummary,
}

lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
read = {}
for line in lines:
    message = json_format.Parse(line, statement_pb2.Statement())
    statement = Statement.copy_from_pb(message)
    statement.validate()
    kind = statement.pb.predicate_type
    said = json.loads(line)["predicate"]
    if kind in KNOWN:
        # The specification of SLSA has the version of the verifier, and a list of levels; this library has none, and one level.
        said.get("verifier", {}).pop("version", None)
        if "verifiedLevels" in said:
            (said["verifiedLevels"],) = said["verifiedLevels"]
        read[kind] = json_format.ParseDict(said, KNOWN[kind]())
    else:
        read[kind] = said

assert len(lines) == len(read) == 3, sorted(read)
tests = read["https://in-toto.io/attestation/test-result/v0.1"]
summary = read["https://slsa.dev/verification_summary/v1"]
assert tests.result == "FAILED" and tests.configuration and "literal-secret" in tests.failed_tests, tests
assert summary.verification_result == "FAILED" and summary.resource_uri.endswith("#environment=prod") and summary.policy.digest["sha256"], summary
names = [subject["name"] for subject in json.loads(lines[0])["subject"]]
assert "apps/order-intake.json" in names and "model:order-intake" in names, names
print(f"{len(lines)} statements about {len(names)} subjects")
