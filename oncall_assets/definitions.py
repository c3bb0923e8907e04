"""What Dagster loads: the company's pipelines and its reports, put on call by the handbook."""

import warnings

import dagster as dg

from oncall_assets.handbook import load_handbook
from oncall_assets.handbook.home import handbook_folder
from oncall_assets.layer import with_on_call
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.pipelines import company
from oncall_assets.reports import editions

handbook = load_handbook(handbook_folder(), frozenset(LANDED))

with warnings.catch_warnings():
    # The beta and preview calls we rest on are known, pinned and tested; every load would list them again.
    warnings.simplefilter("ignore", dg.BetaWarning)
    warnings.simplefilter("ignore", dg.PreviewWarning)
    definitions = with_on_call(dg.Definitions.merge(company(handbook), editions(handbook)), handbook)
