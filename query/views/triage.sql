-- What people did about alerts, one row per step: events of the source rollcall.
-- columns:
-- alert  The alert's key.
-- who  Who did it.
-- action  acknowledge, assign, note, close or suppress.
-- assignee  To whom it was given.
-- verdict  How it was closed: true, false or benign.
-- until  Until when its detector is not to be looked at about its subject.
-- note  Why, in their words.
-- done  When rollcall took it down.
-- shard, seq, part  Position of the event.
WITH said AS (
    SELECT
        shard, seq, part, received, flow_id, actor, reason_raw,
        raw_text(raw) AS record
    FROM events
    WHERE source = 'rollcall' AND operation = 'triage'
)
SELECT
    flow_id AS alert,
    actor AS who,
    json_text(record, 'action') AS action,
    json_text(record, 'assignee') AS assignee,
    json_text(record, 'verdict') AS verdict,
    CAST(json_text(record, 'until') AS TIMESTAMP) AS until,
    reason_raw AS note,
    received AS done,
    shard, seq, part
FROM said
