"""Who is in which variant: said once, since growth and profit must split their accounts alike."""

from __future__ import annotations

import ibis

from oncall_assets.metrics.days import Days


def first_assignments(experiment_assignments: ibis.Table, days: Days) -> ibis.Table:
    """(experiment_id, account_id, variant, assigned_on): the first of each, up to the end of `days`.

    A second assignment of an account in one experiment changes nothing: it has seen the first. Two at
    the same instant go by the variant's name.
    """
    known = experiment_assignments.filter(experiment_assignments.assigned_at < days.end)
    order = ibis.window(
        group_by=[known.experiment_id, known.account_id], order_by=[known.assigned_at, known.variant]
    )
    ranked = known.mutate(place=ibis.row_number().over(order))
    return ranked.filter(ranked.place == 0).select(
        "experiment_id", "account_id", "variant", assigned_on=ibis._.assigned_at.date()
    )
