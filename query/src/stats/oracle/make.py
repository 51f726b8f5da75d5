"""Writes the cases that the statistics are checked against.

    python -m venv venv
    venv/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0 \
        lifelines==0.30.3 ruptures==1.1.10
    venv/bin/python make.py        # in this folder; overwrites the .json files

Inputs are drawn with fixed seeds; each file names the programs that computed it.
"""

import itertools
import json
import math
import warnings

import lifelines
import numpy as np
import pandas as pd
import ruptures
import scipy
import statsmodels
import statsmodels.api as sm
from lifelines.utils import median_survival_times, qth_survival_times, restricted_mean_survival_time
from scipy import integrate, optimize, special, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

VERSIONS = {p.__name__: p.__version__ for p in (np, scipy, statsmodels, lifelines, ruptures)}


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, (np.integer, np.bool_)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        assert math.isfinite(value), "a case is finite"
        return float(value)
    return value


def write(name, oracles, **kinds):
    with open(name, "w") as out:
        json.dump({"oracles": {o: VERSIONS[o] for o in oracles}}, out)
        out.seek(out.tell() - 1)
        for kind, cases in kinds.items():
            lines = ",\n".join(json.dumps(plain(c)) for c in cases)
            out.write(f',\n"{kind}": [\n{lines}\n]')
        out.write("\n}\n")


# Shares


def proportion():
    for n in (1, 2, 7, 30, 365, 10_000, 250_000, 2_500_000):
        for k in sorted({0, 1, n // 3, n // 2, n - 1, n}):
            for level in (0.8, 0.95, 0.99):
                wilson = proportion_confint(k, n, alpha=1 - level, method="wilson")
                exact = proportion_confint(k, n, alpha=1 - level, method="beta")
                # The oracle's rounding at the very ends.
                ends = lambda i: [0.0 if k == 0 else i[0], 1.0 if k == n else i[1]]
                yield dict(k=k, n=n, level=level, wilson=ends(wilson), exact=ends(exact))


def poisson():
    for k in (0, 1, 2, 3, 7, 10, 29, 100, 999, 12_345, 1_000_000):
        yield dict(k=k, low=0.0 if k == 0 else stats.chi2.ppf(0.025, 2 * k) / 2,
                   high=stats.chi2.ppf(0.975, 2 * k + 2) / 2)


def quantile():
    random = np.random.default_rng(20260302)
    for n in (1, 5, 20, 59, 100, 1_000):
        values = np.sort(random.lognormal(8.5, 0.7, n).astype(int))
        for p in (0.5, 0.9, 0.95, 0.99):
            # Ranks from 1; an end that the sample can't give is none.
            low, high = int(stats.binom.ppf(0.025, n, p)), int(stats.binom.ppf(0.975, n, p)) + 1
            yield dict(values=values, p=p, value=np.quantile(values, p, method="inverted_cdf"),
                       low=values[low - 1 : low] if low >= 1 else [], high=values[high - 1 : high])


def cluster():
    random = np.random.default_rng(20260303)
    for groups in (2, 5, 40):
        person = np.repeat(np.arange(groups), random.integers(1, 9, groups))
        values = (random.lognormal(8.5, 0.5, groups)[person]
                  + random.integers(0, 900, len(person))).astype(int)
        fit = sm.OLS(values, np.ones(len(values))).fit(
            cov_type="cluster", cov_kwds={"groups": person}, use_t=True)
        low, high = fit.conf_int()[0]
        yield dict(sums=[values[person == g].sum() for g in range(groups)],
                   ns=[(person == g).sum() for g in range(groups)],
                   mean=fit.params[0], low=low, high=high)


def newcombe():
    for k1, n1, k2, n2 in ((56, 70, 48, 80), (9, 10, 3, 10), (0, 20, 0, 10), (10, 10, 0, 20),
                           (6, 7, 2, 7), (5, 56, 0, 29), (911, 1200, 700, 1100)):
        for level in (0.9, 0.95):
            low, high = confint_proportions_2indep(
                k1, n1, k2, n2, method="newcomb", compare="diff", alpha=1 - level)
            yield dict(k1=k1, n1=n1, k2=k2, n2=n2, level=level,
                       low=low, high=high, value=k1 / n1 - k2 / n2)


# Regressions


def did():
    random = np.random.default_rng(20260401)
    for teams, periods in ((24, 8), (40, 3)):
        rows = []
        for team in range(teams):
            base, pilot = random.normal(50, 10), team % 2 == 0
            for period in range(periods):
                if random.random() < 0.1 and 0 < period < periods - 1:
                    continue
                after = period >= periods // 2
                rows.append((team, pilot, after,
                             base + 2 * after + 3 * (pilot and after) + random.normal(0, 4)))
        team, pilot, after, value = map(np.array, zip(*rows))
        x = np.column_stack([np.ones(len(team)), pilot, after, pilot & after]).astype(float)
        fit = sm.OLS(value, x).fit(cov_type="cluster", cov_kwds=dict(groups=team), use_t=True)
        low, high = fit.conf_int()[3]
        yield dict(team=team, pilot=pilot, after=after, value=value, effect=fit.params[3],
                   error=fit.bse[3], low=low, high=high, p=fit.pvalues[3])


def segmented():
    random = np.random.default_rng(20260402)
    for n, changed, gaps in ((56, 28, 0), (180, 90, 7), (400, 60, 11)):
        day = np.array(sorted(set(range(n)) - set(random.choice(n, gaps, replace=False).tolist())))
        noise = np.zeros(n)
        for at in range(1, n):
            noise[at] = 0.5 * noise[at - 1] + random.normal(0, 2)
        value = (40 + 0.05 * day - 6 * (day >= changed) - 0.1 * np.maximum(day - changed, 0)
                 - 5 * (day % 7 >= 5) + noise[day])
        since = day - changed
        x = np.column_stack([np.ones(len(day)), since, day >= changed, np.maximum(since, 0)]
                            + [day % 7 == w for w in range(1, 7)]).astype(float)
        lags = int(4 * (len(day) / 100) ** (2 / 9))
        fit = sm.OLS(value, x).fit(
            cov_type="HAC", cov_kwds=dict(maxlags=lags, use_correction=True), use_t=True)
        effect = lambda at: [fit.params[at], fit.bse[at], *fit.conf_int()[at], fit.pvalues[at]]
        yield dict(day=day, value=value, changed=changed, lags=lags,
                   step=effect(2), slope=effect(3))


# Ranks


def mean_apart(x, y, axis=-1):
    return np.abs(np.mean(x, axis=axis) - np.mean(y, axis=axis))


def permuted(x, y):
    return stats.permutation_test((x, y), mean_apart, permutation_type="independent",
                                  alternative="greater", n_resamples=np.inf, batch=20_000).pvalue


def permutation():
    random = np.random.default_rng(20260403)
    for n, m in ((2, 9), (4, 4), (5, 7), (3, 20)):
        x, y = np.round(random.normal(1, 1, n), 1), np.round(random.normal(0, 1, m), 1)
        yield dict(x=x, y=y, value=x.mean() - y.mean(), p=permuted(x, y))


def permutation_of_many():
    x = np.arange(12.0)
    yield dict(p=permuted(x, x + 2.5))


def mann_whitney():
    random = np.random.default_rng(20260404)
    for n, m in ((1, 5), (3, 4), (8, 30), (5, 5)):
        x, y = random.normal(0.5, 1, n), random.normal(0, 1, m)
        u, p = stats.mannwhitneyu(x, y, method="exact")
        yield dict(x=x, y=y, u=u, p=p)
    for n, m, digits in ((9, 12, 3), (40, 60, 0), (6, 7, 0), (300, 200, 1)):
        x, y = random.normal(1.5, 1, n).round(digits), random.normal(0, 1, m).round(digits)
        u, p = stats.mannwhitneyu(x, y, method="asymptotic")
        yield dict(x=x, y=y, u=u, p=p)


def smallest(n, m):
    """The largest C with P(U < C) at most 2.5 %, by listing the distribution."""
    ways = {(0, 0): 1}
    for rank in range(1, n + m + 1):
        for (chosen, total), count in list(ways.items()):
            if chosen < n:
                key = chosen + 1, total + rank
                ways[key] = ways.get(key, 0) + count
    u = {total - n * (n + 1) // 2: count for (chosen, total), count in ways.items() if chosen == n}
    below = list(itertools.accumulate(u.get(at, 0) for at in range(n * m + 1)))
    return sum(40 * count <= below[-1] for count in below)


def shift():
    random = np.random.default_rng(20260405)
    for n, m, digits in ((3, 2, 9), (4, 5, 9), (7, 9, 9), (12, 20, 9), (30, 25, 0), (80, 90, 2)):
        x, y = random.normal(5, 2, n).round(digits), random.normal(3, 2, m).round(digits)
        differences = np.sort(np.subtract.outer(x, y).ravel())
        if len(np.unique(np.r_[x, y])) == n + m and n * m <= 2_500:
            rank = smallest(n, m)
        else:
            _, counts = np.unique(np.r_[x, y], return_counts=True)
            ties, all_ = (counts**3 - counts).sum(), n + m
            deviation = math.sqrt(n * m / 12 * (all_ + 1 - ties / (all_ * (all_ - 1))))
            rank = int(n * m / 2 - stats.norm.ppf(0.975) * deviation)
        ends = [differences[rank - 1], differences[n * m - rank]] if rank >= 1 else []
        yield dict(x=x, y=y, value=np.median(differences), ends=ends)


# Lengths


def kaplan_meier():
    random = np.random.default_rng(20260406)
    for n, digits, censored in ((12, 1, 0.4), (60, 0, 0.3), (200, 2, 0.6), (25, 1, 0.0)):
        length = np.round(random.exponential(20, n), digits) + 0.5
        ended = random.random(n) >= censored
        fit = lifelines.KaplanMeierFitter().fit(length, ended)
        ends = fit.confidence_interval_
        steps = np.unique(length[ended])
        lasting = fit.survival_function_.iloc[:, 0].loc[steps].to_numpy()
        low, high = (ends.iloc[:, at].loc[steps].to_numpy() for at in (0, 1))

        def quantile(share):
            # Without the point at which all have ended: its interval is not one.
            inside = ends[fit.survival_function_.iloc[:, 0] > 0]
            found = qth_survival_times(share, fit.survival_function_).squeeze()
            sides = qth_survival_times(share, inside).to_numpy().ravel()
            low, high = min(sides), max(sides)
            return [float(v) if math.isfinite(v) else -1.0 for v in (found, low, high)]

        limit = float(np.quantile(length, 0.8)) * 0.97
        mean, variance = restricted_mean_survival_time(fit, limit, return_variance=True)
        # The oracle integrates over the steps as if there were none: piece by piece it
        # comes out exact.
        edges = np.r_[0, steps[steps < limit], limit]
        exact = 2 * sum(integrate.quad(lambda at: at * fit.predict(at), a, b)[0]
                        for a, b in itertools.pairwise(edges)) - mean**2
        assert abs(exact - variance) < 1e-2 * variance, (exact, variance)
        yield dict(length=length, ended=ended, steps=steps, lasting=lasting,
                   low=np.nan_to_num(low), high=np.nan_to_num(high), median=quantile(0.5),
                   p75=quantile(0.25), limit=limit, rmst=mean, rmst_variance=exact)


def aalen_johansen():
    random = np.random.default_rng(20260407)
    for n, weights in ((15, (0.3, 0.4, 0.3)), (120, (0.2, 0.3, 0.5)), (300, (0.5, 0.3, 0.2))):
        time = random.permutation(n * 3)[:n] / 2 + 1
        fate = random.choice(3, n, p=weights)
        # The last is open, so that someone is left at each time.
        fate[time.argmax()] = 0
        fit = lifelines.AalenJohansenFitter().fit(time, fate, event_of_interest=1)
        at = np.sort(time[fate > 0])
        column = lambda frame: np.nan_to_num(frame.loc[at].to_numpy().ravel())
        ends = fit.confidence_interval_.loc[at].to_numpy()
        yield dict(time=time, fate=fate, share=column(fit.cumulative_density_),
                   variance=column(fit.variance_), low=np.nan_to_num(ends.min(axis=1)),
                   high=np.nan_to_num(ends.max(axis=1)))


# Counts


def tail():
    for mean, dispersion, counts in (
        (0.02, 0.5, (0, 1, 3)), (3.0, 0.1, (0, 2, 9, 40)), (40.0, 0.02, (30, 70, 140)),
        (900.0, 0.3, (200, 1500, 9000)), (25_000.0, 0.001, (24_000, 28_000)),
        (5.0, 0.0, (0, 4, 19, 60)), (700.0, 0.0, (650, 800)), (2.5, 30.0, (0, 10, 900)),
    ):
        law = stats.poisson(mean) if dispersion == 0 else stats.nbinom(
            1 / dispersion, 1 / (1 + dispersion * mean))
        for count in counts:
            yield dict(mean=mean, dispersion=dispersion, count=count, at_least=law.sf(count - 1),
                       above=law.sf(count), exactly=law.pmf(count), median=int(law.ppf(0.5)),
                       p97_5=int(law.ppf(0.975)))


def benjamini_hochberg():
    random = np.random.default_rng(20260408)
    for n in (1, 6, 50):
        p = np.round(random.beta(0.4, 2, n), 4)
        yield dict(p=p, q=multipletests(p, method="fdr_bh")[1])


def negative_binomial(random, mean, dispersion):
    return random.negative_binomial(1 / dispersion, 1 / (1 + dispersion * mean))


def glm():
    random = np.random.default_rng(20260409)
    for n, dispersion in ((40, 0.3), (200, 0.05), (120, 1.5)):
        x1, x2 = random.normal(0, 1, n), (random.random(n) < 0.3).astype(float)
        offset, weight = random.normal(1, 0.5, n), random.uniform(0.2, 1, n)
        count = negative_binomial(random, np.exp(0.5 + 0.3 * x1 - 0.4 * x2 + offset), dispersion)
        family = sm.families.NegativeBinomial(alpha=dispersion)
        x = np.column_stack([np.ones(n), x1, x2])
        fit = sm.GLM(count, x, family=family, offset=offset, var_weights=weight).fit(
            tol=1e-14, maxiter=200, scale=1.0)
        yield dict(count=count.astype(float), x1=x1, x2=x2, offset=offset, weight=weight,
                   dispersion=dispersion, coefficients=fit.params, errors=fit.bse)


def anscombe():
    for dispersion in (0.01, 0.3, 4.0):
        family = sm.families.NegativeBinomial(alpha=dispersion)
        for mean in (0.2, 3.0, 80.0):
            for count in (0.0, 1.0, 7.0, 150.0):
                residual = family.resid_anscombe(np.array([count]), np.array([mean]))[0]
                yield dict(count=count, mean=mean, dispersion=dispersion, residual=residual)


def dispersion():
    random = np.random.default_rng(20260410)
    for n, alpha in ((60, 0.4), (300, 0.05)):
        mean, weight = random.uniform(1, 40, n), np.where(random.random(n) < 0.06, 0.1, 1.0)
        count = negative_binomial(random, mean, alpha) + np.where(weight < 1, 90.0, 0.0)
        parameters = 7.5

        def excess(a):
            squares = (count - mean) ** 2 / (mean + a * mean**2)
            return np.where(weight < 1, np.minimum(squares, 2.58**2), squares).sum() - n + parameters

        yield dict(count=count, mean=mean, weight=weight, parameters=parameters,
                   dispersion=optimize.brentq(excess, 0, 100, xtol=1e-15, rtol=1e-14))


# Levels


def pelt():
    random = np.random.default_rng(20260411)
    for n, levels, least, price in ((60, (0, 4), 2, 8.0), (200, (0, 3, -2, 1), 2, 10.0),
                                    (300, (5, 5, 5), 5, 12.0), (150, (0, 1.2, 0), 7, 6.0),
                                    (90, (0, 9, 0, 9, 0, 9), 3, 9.0)):
        values = random.normal(0, 1, n) + np.repeat(levels, n // len(levels))
        values = values.round(6)
        found = ruptures.Pelt(model="l2", min_size=least, jump=1).fit(values).predict(pen=price)
        yield dict(values=values, least=least, price=price, changes=found[:-1])


# Habits


def change():
    for all_, kinds in ((10, 2), (200, 1), (200, 9), (5_000, 40), (30, 29), (3, 3)):
        expected = lambda k: k * (special.digamma(k + all_) - special.digamma(k)) - kinds
        low, high = 0.05, 1_000.0
        if expected(low) > 0:
            found = low
        elif expected(high) < 0:
            found = high
        else:
            found = optimize.brentq(expected, low, high, xtol=1e-14, rtol=1e-14)
        yield dict(all=all_, kinds=kinds, change=found)


def hours():
    random = np.random.default_rng(20260412)
    for circle, spread, n in ((24, 1.0, 6), (168, 1.5, 25)):
        kappa = (circle / (2 * math.pi * spread)) ** 2
        draw = lambda n: (random.uniform(0, circle, n).round(2), random.integers(1, 9, n))
        own, team = draw(n), draw(3 * n)
        asked = np.r_[0, random.uniform(0, circle, 8)]

        def density(seen, hour):
            angles = 2 * math.pi * (hour - seen[0]) / circle
            angles = (angles + math.pi) % (2 * math.pi) - math.pi
            each = stats.vonmises.pdf(angles, kappa) * 2 * math.pi / circle
            return float((each * seen[1]).sum() / seen[1].sum())

        share = own[1].sum() / (own[1].sum() + 20)
        yield dict(circle=circle, hours=own[0], often=own[1], team_hours=team[0],
                   team_often=team[1], asked=asked, density=[density(own, h) for h in asked],
                   mixed=[share * density(own, h) + (1 - share) * density(team, h) for h in asked])


warnings.simplefilter("ignore")
write("proportion.json", ["statsmodels"], proportion=proportion(), newcombe=newcombe())
write("intervals.json", ["scipy", "numpy", "statsmodels"], poisson=poisson(), quantile=quantile(),
      cluster=cluster())
write("regression.json", ["statsmodels"], did=did(), segmented=segmented())
write("ranks.json", ["scipy", "numpy"], permutation=permutation(),
      permutation_of_many=permutation_of_many(), mann_whitney=mann_whitney(), shift=shift())
write("survival.json", ["lifelines"], kaplan_meier=kaplan_meier(), aalen_johansen=aalen_johansen())
write("counts.json", ["scipy", "statsmodels"], tail=tail(), benjamini_hochberg=benjamini_hochberg(),
      glm=glm(), anscombe=anscombe(), dispersion=dispersion())
write("change_points.json", ["ruptures"], pelt=pelt())
write("habits.json", ["scipy"], change=change(), hours=hours())
