"""What a team has without this project: dagster-slack's own sensor for failed runs, and a job that fails."""

import dagster as dg
from dagster_slack import make_slack_on_run_failure_sensor


@dg.op
def fails() -> None:
    raise dg.Failure("planted")


@dg.job
def planted() -> None:
    fails()


def _sensor(name: str, seconds: int | None) -> dg.SensorDefinition:
    return make_slack_on_run_failure_sensor(
        f"#{name}",
        "xoxb-of-the-benchmark",
        text_fn=lambda context: context.dagster_run.run_id,
        name=name,
        minimum_interval_seconds=seconds,
        monitor_all_code_locations=True,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )


definitions = dg.Definitions(jobs=[planted], sensors=[_sensor("as_it_comes", None), _sensor("every_second", 1)])
