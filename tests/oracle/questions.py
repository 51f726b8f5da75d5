"""Which metrics there are answers for: name, by which dimensions."""

from .metrics import adoption, coming, failing, keys, pilot, policies, recovering, stopped, timing

METRICS = {
    "adoption/used": adoption.used,
    "adoption/phishing_resistant": adoption.phishing_resistant,
    "adoption/factor_mix": adoption.factor_mix,
    "adoption/privileged_without_mfa": adoption.privileged_without_mfa,
    "adoption/enrolled": adoption.enrolled,
    "adoption/funnel": coming.funnel,
    "adoption/sso_share": coming.sso_share,
    "adoption/weakest_way_in": coming.weakest_way_in,
    "adoption/dormant_factors": coming.dormant_factors,
    "break_glass/uses": keys.uses,
    "break_glass/untested": keys.untested,
    "break_glass/new_device_after_reset": keys.new_device_after_reset,
    "credentials/age": keys.age,
    "credentials/unused": keys.unused,
    "credentials/without_mfa": keys.without_mfa,
    "sessions/age_at_last_use": keys.age_at_last_use,
    "sessions/older_than": keys.older_than,
    "sessions/used_after_end": keys.used_after_end,
    "recovery/factor_reset": keys.factor_reset,
    "pilot/failures": pilot.failures,
    "pilot/second_factor": pilot.second_factor,
    "pilot/time_to_authenticate": pilot.time_to_authenticate,
    "policies/violations": policies.violations,
    "policies/exceptions": policies.exceptions,
    "policies/critical_coverage": policies.critical_coverage,
    "policies/milestones": policies.milestones,
    "policies/blocked_minutes": stopped.blocked_minutes,
    "latency/abandonment": stopped.abandonment,
    "latency/answered": stopped.answered,
    "outage/failed_open": stopped.failed_open,
    "attempts/by_outcome": failing.by_outcome,
    "attempts/success_rate": failing.success_rate,
    "failures/by_reason": failing.by_reason,
    "failures/rate": failing.rate,
    "outage/availability": failing.availability,
    "directory/unmatched": failing.unmatched,
    "recovery/lockouts": failing.lockouts,
    "recovery/slips": recovering.slips,
    "recovery/time": recovering.time,
    "recovery/recovered": recovering.recovered,
    "latency/time_to_authenticate": timing.time_to_authenticate,
    "latency/prompt_to_response": timing.prompt_to_response,
    "latency/measurable": timing.measurable,
    "latency/abandoned": timing.abandoned,
    "friction/prompts_per_person_day": timing.prompts_per_person_day,
    "friction/denials_before_success": timing.denials_before_success,
    "friction/time_per_person_week": timing.time_per_person_week,
    "friction/blocked": timing.blocked,
}


def answer(world, name, grain, by):
    """Points of a metric, as the command line writes them."""
    points = METRICS[name](world, grain, by)
    return [
        {"bucket": key and key.isoformat(), "group": group, "figure": figure, **point}
        for (key, group, figure), point in points.items()
    ]
