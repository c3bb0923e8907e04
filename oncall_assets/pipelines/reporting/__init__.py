"""The reporting database: the aggregates as plain tables for BI tools, published a period in one transaction.

`database` is what both databases can do, `sqlite` and `postgres` how each does it, `address` which of them it is.
`tables` makes tables and views, `publish` fills them, `verdicts` holds back what a blocking check refused;
`resource` is the door for runs and checks, `assets` the steps.
"""

from oncall_assets.pipelines.reporting.assets import reporting_assets
from oncall_assets.pipelines.reporting.database import ReportingError
from oncall_assets.pipelines.reporting.resource import ReportingDatabase

__all__ = ["ReportingDatabase", "ReportingError", "reporting_assets"]
