"""Writes `structure.txt`: which elements each type of metadata has, and which words its enumerations.

    npm pack @salesforce/types && tar xzf salesforce-types-*.tgz
    python3 schemas/salesforce/structure.py package/lib/metadata.d.ts VERSION > schemas/salesforce/structure.txt
"""

import re
import sys

# What exports hold and the definitions do not: elements that a later release took away, or that they never had.
ELEMENTS = {
    "CustomField": ["displayLocationInDecimal"],
    "CustomObject": ["enableChangeDataCapture"],
    "CustomSite": ["allowGuestPaymentsApi", "cspUpgradeInsecureRequests", "requireHttps", "requireInsecurePortalAccess"],
    "Flow": ["steppedStages"],
    "FlowActionCall": ["versionSegment"],
    "FlowSettings": ["isAccessToInvokedApexRequired"],
    "LightningExperienceSettings": ["enableAuraSecStaticResCRUCPref"],
    "ProfileFieldLevelSecurity": ["hidden"],
    "SecuritySettings": ["isTLSv12Required"],
    "SessionSettings": ["enableXssProtection", "requireHttps"],
}
WORDS = {
    "FlowProcessType": ["AppProcess"],
    "SiteType": ["ChatterNetwork", "ChatterNetworkPicasso"],
}
# Types whose elements are given by others that the definitions leave out, and words to which every product adds its own.
OPEN = ["ForecastingTypeSettings", "InvocableActionType"]

text = open(sys.argv[1], encoding="utf-8").read()
enumerations = {
    name: re.findall(r"'([^']*)'", words) for name, words in re.findall(r"export type (\w+) = ((?:'[^']*'(?: \| )?)+);", text)
}
types = {}
for name, bases, body in re.findall(r"export type (\w+) = ((?:\w+ & )*)\{(.*?)\n\};", text, re.S):
    fields = {field: kind.strip().removesuffix("[]") for field, kind in re.findall(r"^\s+(\w+)\??: ([^;]+);", body, re.M)}
    types[name] = (bases.replace("&", " ").split(), fields)


def fields(name):
    bases, own = types.get(name, ([], {}))
    found = {"fullName": "string"}
    for base in bases:
        found |= fields(base)
    return found | own | {field: "string" for field in ELEMENTS.get(name, [])}


def is_root(name):
    return name in ("Metadata", "MetadataWithContent") or any(is_root(base) for base in types.get(name, ([], {}))[0])


reached, left = set(), [name for name in types if is_root(name)]
while left:
    name = left.pop()
    if name not in reached:
        reached.add(name)
        left += [kind for kind in fields(name).values() if kind in types]

print(f"# Made by structure.py of the definitions of the Metadata API in @salesforce/types {sys.argv[2]},")
print("# Copyright (c) 2026 Salesforce, Inc., licensed under the Apache License, Version 2.0 (LICENSE-APACHE). Changed: the names alone, as lines.")
print("# `Type element element:Type`, and `=Enumeration|word|word`.")
used = set()
for name in sorted(reached - set(OPEN)):
    parts = [name]
    for field, kind in fields(name).items():
        closed = kind in enumerations and kind not in OPEN
        used |= {kind} if closed else set()
        parts.append(f"{field}:{kind}" if closed or (kind in reached and kind not in OPEN) else field)
    print(" ".join(parts))
for name in sorted(used):
    print("|".join([f"={name}", *enumerations[name], *WORDS.get(name, [])]))
