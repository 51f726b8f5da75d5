-- What the policies in force say of each access, one row per access and policy that has a
-- rule for it, and one per critical access that no rule of a policy is for. A version
-- counts from its effective_at on. Nothing is supposed: who would have been challenged
-- and would have answered has not verified, here. rollcall computes this view from the
-- policies' own conditions, by day; another engine that reads this file sees it without
-- rows.
-- columns:
-- kind  sign_in or operation.
-- outcome  success or unknown: it went through; denied or abandoned: it didn't.
-- who  The person, else source and login.
-- phase  report_only, pilot or enforced: the version's.
-- bound  Whether the version bound whoever it was: it is enforced, or a pilot for one of their groups.
-- rule  The number of the first rule that is for it, from 1; null: none is.
-- requirement  What the rule asks for, in words.
-- result  pass, challenge, deny, cannot_tell, excepted or not_applied.
-- without_exception  The same without exceptions.
-- exception  Whom the exception that fits is for, also one that has lapsed.
-- lapsed  Whether that exception's last day was over.
-- before  What the version before says; null where there is none.
-- verified_at  When the verification was that the rule accepted.
-- critical  Whether it is critical.
-- critical_rule  By which [[critical]] rule.
-- policy_named  Whether the source named one of the policy's counterparts at the vendor.
-- vendor_mode, vendor_result  What the vendor said of its own policy.
SELECT
    CAST(NULL AS TIMESTAMP) AS time,
    CAST(NULL AS INTEGER) AS shard, CAST(NULL AS BIGINT) AS seq, CAST(NULL AS INTEGER) AS part,
    CAST(NULL AS VARCHAR) AS kind, CAST(NULL AS VARCHAR) AS source, CAST(NULL AS VARCHAR) AS login,
    CAST(NULL AS VARCHAR) AS who, CAST(NULL AS VARCHAR) AS person, CAST(NULL AS VARCHAR) AS name,
    CAST(NULL AS VARCHAR) AS account_kind, CAST(NULL AS VARCHAR) AS team,
    CAST(NULL AS VARCHAR) AS role, CAST(NULL AS VARCHAR) AS cohort,
    CAST(NULL AS VARCHAR) AS platform, CAST(NULL AS VARCHAR) AS service,
    CAST(NULL AS VARCHAR) AS environment, CAST(NULL AS VARCHAR) AS pipeline,
    CAST(NULL AS VARCHAR) AS operation, CAST(NULL AS VARCHAR) AS factor,
    CAST(NULL AS VARCHAR) AS country, CAST(NULL AS BOOLEAN) AS device_managed,
    CAST(NULL AS VARCHAR) AS outcome,
    CAST(NULL AS VARCHAR) AS policy, CAST(NULL AS INTEGER) AS version,
    CAST(NULL AS VARCHAR) AS phase, CAST(NULL AS BOOLEAN) AS bound,
    CAST(NULL AS INTEGER) AS rule, CAST(NULL AS VARCHAR) AS rule_name,
    CAST(NULL AS VARCHAR) AS requirement, CAST(NULL AS VARCHAR) AS result,
    CAST(NULL AS VARCHAR) AS without_exception, CAST(NULL AS VARCHAR) AS exception,
    CAST(NULL AS BOOLEAN) AS lapsed, CAST(NULL AS VARCHAR) AS before,
    CAST(NULL AS TIMESTAMP) AS verified_at,
    CAST(NULL AS BOOLEAN) AS critical, CAST(NULL AS VARCHAR) AS critical_rule,
    CAST(NULL AS BOOLEAN) AS policy_named, CAST(NULL AS VARCHAR) AS vendor_mode,
    CAST(NULL AS VARCHAR) AS vendor_result
WHERE false
