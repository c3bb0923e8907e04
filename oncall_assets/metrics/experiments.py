"""What an experiment earned: profit by variant, and whether the difference can be told from chance."""

from __future__ import annotations

import ibis

from oncall_assets.metrics.assignments import first_assignments
from oncall_assets.metrics.contracts import COMPUTED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.exact import WIDE, total
from oncall_assets.metrics.inference import even_split_p, t_quantile
from oncall_assets.metrics.periods import each_day

_ARM = ("experiment_id", "variant")


def unit_level_profit(profit: ibis.Table, experiment_assignments: ibis.Table, days: Days) -> ibis.Table:
    """A row per profit row and experiment its account is in, per contract `unit_level_profit`.

    The day of the assignment counts in full: profit is booked by day.
    """
    first = first_assignments(experiment_assignments, days)
    rows = profit.filter(profit.day.between(days.first, days.last)).join(first, "account_id")
    assigned = rows.filter(rows.day >= rows.assigned_on)
    costs = assigned.direct_cost_cents + assigned.allocated_cost_cents
    return COMPUTED["unit_level_profit"].shape(assigned.mutate(cost_cents=costs))


def experiment_readout(
    unit_level_profit: ibis.Table, experiment_assignments: ibis.Table, days: Days
) -> ibis.Table:
    """A row per day, experiment and variant assigned so far, per contract `experiment_readout`.

    Both tables are full histories; what comes after a day does not touch its row. Every assigned
    account counts, one without profit rows as 0. The difference is against the variant named
    `control`, empty without one. Its 95 % interval is Welch's (unequal spreads); it is empty where
    there are fewer than 4 degrees of freedom or no spread at all, for then it would mean nothing.
    """
    first = first_assignments(experiment_assignments, days)
    arms = _means(_moments(_deltas(unit_level_profit, first), days))
    controls = arms.filter(arms.variant == "control").select(
        "day",
        "experiment_id",
        control_mean=arms.mean_profit_cents,
        control_spread=arms.spread,
        control_accounts=arms.accounts,
    )
    compared = arms.join(_split(arms), ["day", "experiment_id"]).left_join(controls, ["day", "experiment_id"])
    treated = compared.variant != "control"
    difference = treated.ifelse(compared.mean_profit_cents - compared.control_mean, ibis.null("float64"))
    margin = _margin(compared)
    return COMPUTED["experiment_readout"].shape(
        compared.mutate(
            difference_cents=difference,
            ci_low_cents=difference - margin,
            ci_high_cents=difference + margin,
        )
    )


def _deltas(unit_level_profit: ibis.Table, first: ibis.Table) -> ibis.Table:
    """By variant and day: accounts that came, profit, and by how much the sum of squares grew.

    An account's squared profit to date grows by after² − before²; adding that up gives every day's sum
    of squares in one pass, where squaring afresh would take accounts × days. Decimals keep it exact.
    """
    rows = unit_level_profit.select(
        "experiment_id", "account_id", on="day", earned=ibis._.profit_cents.cast(WIDE)
    ).join(first, ["experiment_id", "account_id"])
    since = rows.filter(rows.on >= rows.assigned_on)
    history = ibis.window(
        group_by=[since.experiment_id, since.account_id], order_by=since.on, preceding=None, following=0
    )
    running = since.mutate(after=since.earned.sum().over(history).cast(WIDE))
    before = (running.after - running.earned).cast(WIDE)
    earned = running.select(
        *_ARM,
        "on",
        accounts=ibis.literal(0, "int64"),
        profit=running.earned,
        squares=(running.after * running.after - before * before).cast(WIDE),
    )
    came = first.select(
        *_ARM,
        on=first.assigned_on,
        accounts=ibis.literal(1, "int64"),
        profit=ibis.literal(0).cast(WIDE),
        squares=ibis.literal(0).cast(WIDE),
    )
    both = ibis.union(came, earned)
    return both.group_by(*_ARM, "on").aggregate(
        accounts=total(both.accounts), profit=both["profit"].sum(), squares=both.squares.sum()
    )


def _moments(deltas: ibis.Table, days: Days) -> ibis.Table:
    """As of each day and variant: accounts (int64), profit_cents (int64) and squares (decimal)."""
    calendar = each_day(days)
    return (
        calendar.join(deltas, deltas.on <= calendar.day)
        .group_by("day", *_ARM)
        .aggregate(
            accounts=total(ibis._.accounts),
            wide=ibis._["profit"].sum().cast(WIDE),
            squares=ibis._.squares.sum().cast(WIDE),
        )
        .mutate(profit_cents=ibis._.wide.cast("int64"))
    )


def _means(moments: ibis.Table) -> ibis.Table:
    """With mean_profit_cents, and the spread: the mean's variance, null for fewer than two accounts."""
    many = moments.accounts.cast(WIDE)
    # Exact until the last step: the two terms may agree in more digits than a float has.
    scaled = (many * moments.squares).cast(WIDE) - (moments.wide * moments.wide).cast(WIDE)
    count = moments.accounts.cast("float64")
    return moments.mutate(
        mean_profit_cents=moments.profit_cents.cast("float64") / count,
        spread=scaled.cast("float64") / (count * count * (count - 1.0)).nullif(0.0),
    )


def _margin(compared: ibis.Table) -> ibis.Value:
    """Half the width of Welch's interval, cents."""
    ours, theirs = compared.spread, compared.control_spread
    both = ours + theirs
    weight = ours * ours / (compared.accounts - 1).nullif(0) + theirs * theirs / (
        compared.control_accounts - 1
    ).nullif(0)
    return t_quantile(both * both / weight.nullif(0.0)) * both.sqrt()


def _split(arms: ibis.Table) -> ibis.Table:
    """(day, experiment_id, sample_ratio_p): whether the accounts are spread evenly over the variants."""
    variants, accounts = arms.count(), total(arms.accounts)
    excess = variants * total(arms.accounts * arms.accounts) - accounts * accounts
    measured = arms.group_by("day", "experiment_id").aggregate(
        variants=variants, chi_square=excess / accounts.nullif(0)
    )
    return measured.select(
        "day", "experiment_id", sample_ratio_p=even_split_p(measured.chi_square, measured.variants)
    )
