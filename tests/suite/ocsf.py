"""Validates rows of ocsf_authentication (NDJSON on stdin) against OCSF's own schema; prints how many of each class."""

import collections
import json
import sys

import jsonschema
import ocsf_json_schema


def said(value):
    """The value without what is null: OCSF leaves out what isn't known."""
    if isinstance(value, dict):
        return {k: said(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [said(v) for v in value]
    return value


schemas = ocsf_json_schema.OcsfJsonSchemaEmbedded(ocsf_json_schema.get_ocsf_schema("1.8.0"))
validators = {}
counts = collections.Counter()
for line in sys.stdin:
    row = said(json.loads(line))
    uid, profiles = row["class_uid"], row["metadata"].get("profiles", [])
    form = (uid, *profiles)
    if form not in validators:
        name = schemas.lookup_class_name_from_uid(uid)
        schema = schemas.get_class_schema(class_name=name, profiles=profiles)
        validators[form] = jsonschema.Draft202012Validator(schema)
    for error in validators[form].iter_errors(row):
        sys.exit(f"{error.json_path}: {error.message}\n{json.dumps(row)}")
    assert row["type_uid"] == uid * 100 + row["activity_id"], row
    counts[uid] += 1
print(",".join(f"{uid}={n}" for uid, n in sorted(counts.items())))
