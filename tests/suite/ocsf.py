"""Judges rows of ocsf_authentication (NDJSON on stdin) by OCSF's own schema, 1.8.0.

Writes a line a row: `valid SOURCE CLASS`, or `invalid WHERE: WHAT`.
"""

import json
import sys

import jsonschema
import ocsf_json_schema

SCHEMA = ocsf_json_schema.get_ocsf_schema("1.8.0")
CLASSES = ocsf_json_schema.OcsfJsonSchemaEmbedded(SCHEMA)
VALIDATORS = {}


def said(value):
    """The value without what is null: OCSF leaves out what isn't known."""
    if isinstance(value, dict):
        return {k: said(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [said(v) for v in value]
    return value


def validator(name, profiles):
    """The JSON schema of a class with some profiles."""
    form = (name, *profiles)
    if form not in VALIDATORS:
        schema = CLASSES.get_class_schema(class_name=name, profiles=profiles)
        VALIDATORS[form] = jsonschema.Draft202012Validator(schema)
    return VALIDATORS[form]


def words(attributes, value, path):
    """What JSON Schema can't say: the word beside a number is the number's caption, and
    beside 99 the source's own, which must be there."""
    for name, inner in value.items():
        attribute = attributes[name]
        objects = [inner] if isinstance(inner, dict) else inner if isinstance(inner, list) else []
        for each in objects:
            if "object_type" in attribute:
                of = SCHEMA["objects"][attribute["object_type"]]["attributes"]
                yield from words(of, each, f"{path}.{name}")
        if "enum" not in attribute or "sibling" not in attribute:
            continue
        word = value.get(attribute["sibling"])
        caption = attribute["enum"][str(inner)]["caption"]
        if inner == 99 and word in (None, caption):
            yield f"{path}.{name}: 99 without the source's word"
        if inner != 99 and word not in (None, caption):
            yield f"{path}.{name}: {inner} is {caption}, not {word}"


def faults(row):
    """What is wrong with a row."""
    uid = row.get("class_uid")
    names = [name for name, of in SCHEMA["classes"].items() if of["uid"] == uid]
    if not names:
        yield f"$.class_uid: OCSF 1.8.0 has no class {uid}"
        return
    profiles = row.get("metadata", {}).get("profiles", [])
    found = False
    for error in validator(names[0], profiles).iter_errors(row):
        found = True
        yield f"{error.json_path}: {error.message}"
    if found:
        return
    yield from words(SCHEMA["classes"][names[0]]["attributes"], row, "$")
    if row["type_uid"] != uid * 100 + row["activity_id"]:
        yield f"$.type_uid: {row['type_uid']} isn't class and activity"
    if row["metadata"]["version"] != SCHEMA["version"]:
        yield f"$.metadata.version: not {SCHEMA['version']}"


for line in sys.stdin:
    row = said(json.loads(line))
    fault = next(faults(row), None)
    if fault is None:
        print("valid", row["metadata"]["product"]["name"], row["class_uid"])
    else:
        print("invalid", " ".join(fault.split()))
