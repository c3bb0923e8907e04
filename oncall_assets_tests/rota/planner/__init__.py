"""Tests of the planner.

`test_owners`, `test_rules`, `test_model` and `test_solver` are about the plans themselves, on the small windows of
`problems`; `test_second_opinion` asks HiGHS (`highs`, a process of its own). `test_rivals`, `test_conflicts` and
`test_curve` are about what stands beside a plan, `test_teams` and `test_teams_t2_to_t4` about the five teams'
`two_years`.
"""
