"""Events into tries: one try by one account at one service.

Readings taken where the words leave it open:
- steps are sign-ins, challenges, answers and policy decisions; a session's end, an
  enrolment or a lock is none;
- what is asked for on the way and opens nothing (Entra's "keep me signed in?") neither
  begins a try nor ends one;
- a sign-in that ends in an error of the service doesn't end the try.
"""

from .event import STRENGTH

SILENCE = 10 * 60 * 1000
STEPS = {"logon", "challenge", "verify", "policy_decision"}
#: What says most of how MFA was done, first.
MFA = ["performed", "claim_in_token", "remembered", "bypassed", "not_required", "none", "unknown"]


def rank(factor):
    """Order of factors: one without a rank above the password."""
    return STRENGTH.get(factor, 0.5)


class Try:
    """One try, told by its steps in order."""

    def __init__(self, steps):
        self.steps_of = steps
        self.source, self.user = steps[0].source, steps[0].user
        self.started = steps[0].time
        self.seq = steps[0].seq
        self.steps = len(steps)
        judged = judge(steps)
        self.outcome, self.judged = judged
        at = self.judged
        self.ended = at.time
        self.reason = at.reason if self.outcome not in ("success",) else None
        self.service, self.platform, self.resource = at.service, at.platform, at.resource
        self.environment, self.operation, self.protocol = at.environment, at.operation, at.protocol
        self.session = last(steps, "session")
        self.flow = last(steps, "flow")
        self.ip, self.country, self.asn = (last(steps, n) for n in ("ip", "country", "asn"))
        self.device, self.managed = last(steps, "device"), last(steps, "managed")
        self.interactive = any_said(steps, "interactive")
        self.credential = last(steps, "credential")
        self.credential_id = last(steps, "credential_id")
        self._policy(steps)
        self._asked(steps)
        self._timed(steps)
        # Filled by attempts.
        self.person = self.account = None
        self.came_from = self.inherits = self.proof_kind = None

    def _policy(self, steps):
        said = [one for one in steps if one.policy_result is not None]
        self.policy = said[-1].policy if said else None
        self.policy_result = said[-1].policy_result if said else None
        self.blocked = any(one.blocked for one in steps) if any(
            one.blocked is not None for one in steps) else None

    def _asked(self, steps):
        """MFA, factor, prompts and refusals."""
        self.mfa = min((one.mfa for one in steps), key=MFA.index)
        if self.outcome == "abandoned":
            self.mfa = "abandoned"
        accepted, asked = [], []
        self.prompts = self.refusals = 0
        open_prompts = 0
        for one in steps:
            if one.factor is not None and one.activity in ("challenge", "verify", "logon"):
                asked.append(one.factor)
                if one.outcome == "success" and one.activity in ("verify", "logon"):
                    accepted.append(one.factor)
            if one.activity == "challenge" and one.factor != "password":
                self.prompts += 1
                open_prompts += 1
            elif one.activity == "verify" and one.factor != "password":
                if open_prompts:
                    open_prompts -= 1
                else:
                    self.prompts += 1
            elif one.activity == "logon" and one.source == "entra":
                self.prompts += 1 if one.steps and one.outcome != "interrupted" else 0
            if one.activity in ("verify", "logon") and one.outcome in ("failure", "denied"):
                self.refusals += 1
        if self.outcome == "abandoned" and self.source == "entra" and not self.prompts:
            self.prompts = 1
        names = accepted if self.outcome == "success" and accepted else asked
        self.factor = max(names, key=rank) if names else None
        self.strength = STRENGTH.get(self.factor)

    def _timed(self, steps):
        """How long it took, from the steps or as the event itself says."""
        self.prompt_to_response = self.duration = self.basis = None
        if self.outcome != "success":
            return
        prompt = None
        for one in steps:
            if one.activity == "challenge" and one.factor != "password":
                prompt = one.time
            elif (one.activity == "verify" and one.factor != "password"
                  and one.outcome == "success" and prompt is not None):
                self.prompt_to_response = one.time - prompt
        if self.judged.duration is not None:
            self.duration = self.judged.duration
        elif self.steps > 1 and self.source != "entra":
            self.duration = self.judged.time - self.started
        self.basis = "step_times" if self.duration is not None else None


def last(steps, name):
    for one in reversed(steps):
        if getattr(one, name) is not None:
            return getattr(one, name)
    return None


def any_said(steps, name):
    said = [getattr(one, name) for one in steps if getattr(one, name) is not None]
    return any(said) if said else None


def opens_nothing(step):
    return step.activity == "logon" and step.outcome == "interrupted" and step.reason is None


def judge(steps):
    """The outcome of a try and the step that it is judged by."""
    waiting = None
    judged = None
    for one in steps:
        if opens_nothing(one):
            continue
        if one.activity == "policy_decision":
            if one.outcome == "interrupted":
                waiting = one
            elif one.outcome == "denied":
                judged, waiting = one, None
        elif one.activity == "challenge":
            if one.factor != "password":
                waiting = one
        elif one.activity == "logon" and one.outcome == "interrupted":
            waiting = one
        else:
            if one.activity == "verify" and one.factor != "password":
                waiting = None
            elif one.activity == "logon" and one.source != "okta":
                waiting = None
            elif one.outcome in ("failure", "denied"):
                waiting = None
            judged = one
    if waiting is not None:
        return "abandoned", waiting
    if judged is None:
        return steps[-1].outcome, steps[-1]
    return judged.outcome, judged


def cut(steps):
    """The steps of a flow into tries."""
    made, current, opened = [], [], False
    for one in steps:
        before = current[-1] if current else None
        signs_in = one.activity == "logon" and not opens_nothing(one)
        if before is not None and (
                one.time - before.time > SILENCE
                or (before.activity == "logon" and before.outcome in ("failure", "denied"))
                or (signs_in and opened)):
            made.append(current)
            current, opened = [], False
        current.append(one)
        if signs_in and one.outcome == "success":
            opened = True
    if current:
        made.append(current)
    return made


def looked_at(steps):
    """Whether a policy was only looked at again."""
    return all(one.activity == "policy_decision" and one.outcome == "success" for one in steps)


def tries(events):
    """All tries, in the order of their first step."""
    flows, made = {}, []
    for one in events:
        if one.activity not in STEPS:
            continue
        if one.flow is not None:
            flows.setdefault((one.source, one.user, one.flow), []).append(one)
        elif one.activity == "logon":
            made.append(Try([one]))
    for steps in flows.values():
        steps.sort(key=lambda one: (one.time, one.outcome != "interrupted", one.seq))
        made.extend(Try(part) for part in cut(steps) if not looked_at(part))
    made.sort(key=lambda one: (one.started, one.seq))
    return made
