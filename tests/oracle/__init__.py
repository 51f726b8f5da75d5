"""What each metric must come to on the generated company: plain Python over the
vendors' files, the directory and the factor snapshots. It shares no code with
rollcall, and its definitions are those of the metrics' headers, of docs/data.md,
docs/sources.md and docs/federation.md.

    readers/     one vendor's lines each, as events
    event        what an event says
    records      files in the order in which they were delivered; ids, duplicates, revisions
    directory    people, accounts, factor snapshots
    tries        events of a flow into tries
    attempts     tries with the person and the MFA behind them
    period       buckets of days in the organisation's time zone
    questions    points: counts by bucket, group and figure
    metrics/     a function a metric
"""
