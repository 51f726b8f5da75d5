-- Accesses that went through and that a policy in force would have challenged or denied,
-- one row per access and policy, with whether an exception covers it. In the phase
-- report_only, and outside of a pilot's cohorts, nobody was bound: such rows say what
-- would have been.
-- columns:
-- rule  The number of the rule that decided, from 1.
-- without_exception  challenge or deny: what the rule says.
-- excepted  Whether an exception in force covers it.
-- exception  The exception that fits, also one that has lapsed.
-- bound  Whether the policy bound whoever it was, then.
SELECT
    time, shard, seq, part, kind, source, login, person, name, account_kind, team, role, cohort,
    platform, service, environment, pipeline, operation, critical, critical_rule,
    policy, version, phase, bound, rule, rule_name, requirement, without_exception,
    result = 'excepted' AS excepted,
    exception, lapsed
FROM policy_decisions
WHERE without_exception IN ('challenge', 'deny') AND outcome IN ('success', 'unknown')
