"""Writes the reference values that the statistics are checked against.

    python -m venv venv && venv/bin/pip install scipy==1.17.1 statsmodels==0.15.0
    venv/bin/python make.py        # in this folder; overwrites the .csv files
"""

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

SCIPY = f"scipy {scipy.__version__}"
STATSMODELS = f"statsmodels {statsmodels.__version__}"


def write(name, oracle, columns, rows):
    with open(name, "w") as out:
        out.write(f"# {oracle}\n{','.join(columns)}\n")
        for row in rows:
            out.write(",".join(repr(x) if isinstance(x, float) else str(x) for x in row) + "\n")


def wilson():
    for n in (1, 2, 7, 30, 365, 10_000, 2_500_000):
        for k in sorted({0, 1, n // 3, n // 2, n - 1, n}):
            low, high = proportion_confint(k, n, method="wilson")
            yield k, n, float(low), float(high)


def poisson():
    for k in (0, 1, 2, 3, 7, 10, 29, 100, 999, 12_345, 1_000_000):
        low = 0.0 if k == 0 else float(stats.chi2.ppf(0.025, 2 * k) / 2)
        yield k, low, float(stats.chi2.ppf(0.975, 2 * k + 2) / 2)


def quantile():
    random = np.random.default_rng(20260302)
    for n in (1, 5, 20, 59, 100, 1_000):
        values = np.sort(random.lognormal(8.5, 0.7, n).astype(int))
        for p in (0.5, 0.9, 0.95, 0.99):
            low = int(stats.binom.ppf(0.025, n, p))
            high = int(stats.binom.ppf(0.975, n, p)) + 1
            yield (
                " ".join(map(str, values)), p,
                int(np.quantile(values, p, method="inverted_cdf")),
                values[low - 1] if low >= 1 else "",
                values[high - 1] if high <= n else "",
            )


def cluster():
    random = np.random.default_rng(20260303)
    for groups in (2, 5, 40):
        person = np.repeat(np.arange(groups), random.integers(1, 9, groups))
        values = (random.lognormal(8.5, 0.5, groups)[person] + random.integers(0, 900, len(person))).astype(int)
        fit = sm.OLS(values, np.ones(len(values))).fit(
            cov_type="cluster", cov_kwds={"groups": person}, use_t=True
        )
        sums = [(int(values[person == g].sum()), int((person == g).sum())) for g in range(groups)]
        low, high = fit.conf_int()[0]
        yield " ".join(f"{s}/{n}" for s, n in sums), float(fit.params[0]), float(low), float(high)


write("wilson.csv", STATSMODELS, ("k", "n", "low", "high"), wilson())
write("poisson.csv", SCIPY, ("k", "low", "high"), poisson())
write("quantile.csv", f"{SCIPY}, numpy {np.__version__}", ("values", "p", "value", "low", "high"), quantile())
write("cluster.csv", STATSMODELS, ("sums", "mean", "low", "high"), cluster())
