-- Times that somebody marked, as the latest import has them; every import is in
-- annotations_all.
-- columns:
-- kind  release, freeze, drill, outage or sandbox.
-- begins, ends  From when until when, exclusively; a moment has no end.
-- source, service  What it is about; null: everything.
WITH latest AS (
    SELECT max(imported) AS imported FROM annotations_all
)
SELECT a.kind, a.title, a.begins, a.ends, a.source, a.service, a.note, a.imported
FROM annotations_all a
JOIN latest l ON a.imported = l.imported
