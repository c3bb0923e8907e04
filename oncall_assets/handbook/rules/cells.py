"""Rules about single cells: filled, accepted, within bounds, a number at all."""

from __future__ import annotations

from typing import Literal

from oncall_assets.handbook.rules.written import Column, Columns, Limits, Ratio, Rows, Texts


class NotNull(Rows):
    """In each of `columns`, at least `at_least` of the rows have a value."""

    rule: Literal["not_null"]
    columns: Columns
    at_least: Ratio = 1.0

    example = "{not_null: {columns: [account_id], at_least: 0.99}}"


class AcceptedValues(Rows):
    """Every value of `column` is one of `values`; an empty value is not judged here."""

    rule: Literal["accepted_values"]
    column: Column
    values: Texts

    example = "{accepted_values: {column: currency, values: [USD]}}"


class Bounds(Limits):
    """Every value of `column` lies from `at_least` to `at_most`, both allowed."""

    rule: Literal["bounds"]
    column: Column

    example = "{bounds: {column: score, at_least: 0, at_most: 10}}"


class Finite(Rows):
    """Every value of `columns` is a number: not empty, not NaN, not infinite."""

    rule: Literal["finite"]
    columns: Columns

    example = "{finite: {columns: [margin], where: {grain: month}}}"
