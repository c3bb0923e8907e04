"""Reports that investors can trust: the right figure, on time, once, or an honest word that it is late.

`cadence` says when which edition is due, with `business` for working days. `edition` is what is sent, `figures`
reads its values, which `checked` has found to be there, and `composing` puts it together; `rendering` is how
people read it. `gate` says what holds it, `office` has what runs need, `post` sends it once, `sending` does
all that in order, and `assets` are the editions in Dagster. `desk` looks after them all each half minute, with
`delays` for those who wait: `attempts` are the runs it asked for, `countdown` how long is left, `place` what it
remembers, `usual` how long a table takes, `sensor` its clock. `restating` finds figures that changed after they
were sent, and `causes` says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dagster as dg

    from oncall_assets.handbook import Handbook


def editions(handbook: Handbook) -> dg.Definitions:
    """The reports that the runbooks plan, and the desk that sends them when they are due.

    To be merged with definitions that have `reporting/<table>`. Raises HandbookError where a figure is not in its
    report's table.
    """
    # Half of this room knows neither Dagster nor a database, and is loaded without them.
    import dagster as dg  # noqa: PLC0415

    from oncall_assets.reports.assets import edition_assets  # noqa: PLC0415
    from oncall_assets.reports.checked import check_reports  # noqa: PLC0415
    from oncall_assets.reports.office import EditionOffice  # noqa: PLC0415
    from oncall_assets.reports.sensor import edition_sensor  # noqa: PLC0415

    check_reports(handbook)
    office = EditionOffice(handbook_folder=str(handbook.folder.resolve()))
    desk = edition_sensor(handbook)
    return dg.Definitions(
        assets=edition_assets(handbook), resources={"office": office}, sensors=[desk] if desk else []
    )


__all__ = ["editions"]
