"""The reporting database on PostgreSQL, where each reader is let read exactly what the handbook says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import ClassVar, Final

import pyarrow as pa

from oncall_assets.handbook.reporting import may_change
from oncall_assets.metrics.contracts import Contract, Kind
from oncall_assets.pipelines.reporting.database import Database, ReportingError, quoted

# Long for a change that readers wait behind, and short for a night.
_LOCK_TIMEOUT: Final = "60s"

_RELATION: Final = "to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1))"

# Whoever was granted something on the table, on one of its columns or on a view of it, by name and by role;
# who may read or write everything needs no grant.
_READERS: Final = f"""
WITH RECURSIVE reached AS (
    SELECT {_RELATION}::oid AS relation
    UNION
    SELECT rule.ev_class
    FROM reached
    JOIN pg_depend AS uses ON uses.refclassid = 'pg_class'::regclass AND uses.refobjid = reached.relation
    JOIN pg_rewrite AS rule ON uses.classid = 'pg_rewrite'::regclass AND rule.oid = uses.objid
),
owned AS (
    SELECT of.oid, of.relowner, coalesce(of.relacl, acldefault('r', of.relowner)) AS acl
    FROM reached JOIN pg_class AS of ON of.oid = reached.relation
),
granted AS (
    SELECT relowner, one.grantee, one.privilege_type FROM owned, aclexplode(acl) AS one
    UNION ALL
    SELECT relowner, one.grantee, one.privilege_type
    FROM owned JOIN pg_attribute AS part ON part.attrelid = owned.oid, aclexplode(part.attacl) AS one
    UNION ALL
    SELECT relowner, being.member, CASE role.rolname WHEN 'pg_read_all_data' THEN 'SELECT' ELSE 'UPDATE' END
    FROM owned, pg_auth_members AS being JOIN pg_roles AS role ON role.oid = being.roleid
    WHERE role.rolname IN ('pg_read_all_data', 'pg_write_all_data')
)
SELECT coalesce(role.rolname::text, 'PUBLIC'), bool_or(privilege_type <> 'SELECT')
FROM granted LEFT JOIN pg_roles AS role ON role.oid = granted.grantee
WHERE privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
  AND grantee <> relowner AND NOT coalesce(role.rolsuper, false)
GROUP BY 1
"""  # noqa: S608 - no part of it comes from outside


class Postgres(Database):
    """The schema that the URL's user writes to, as its search path says."""

    types: ClassVar[Mapping[Kind, str]] = {
        "string": "text",
        "int64": "bigint",
        "float64": "double precision",
        "boolean": "boolean",
        "date": "date",
        "timestamp": "timestamp with time zone",
    }

    def __init__(self, url: str) -> None:
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - a driver only where it is used

        super().__init__(dbapi.connect(url))

    def begin(self, table: str) -> None:
        self.run(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
        # A lock by name, as two runs may be the first to make the table; readers do not ask for it.
        self.rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"oncall_assets.reporting.{table}")

    def columns(self, relation: str) -> dict[str, str]:
        return dict(
            self.rows(
                f"SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute "  # noqa: S608 - our own words
                f"WHERE attrelid = {_RELATION} AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                relation,
            )
        )

    def replace_view(self, view: str, select: str) -> None:
        self.run(f"CREATE OR REPLACE VIEW {quoted(view)} AS {select}")

    def describe(self, contract: Contract, relations: Sequence[str]) -> None:
        wanted = {column.name: column.description for column in contract.columns}
        for number, relation in enumerate(relations):
            kind = "VIEW" if number else "TABLE"
            found = self._comments(relation)
            if found.get(None) != contract.description:
                self.run(f"COMMENT ON {kind} {quoted(relation)} IS {_text(contract.description)}")
            for name, description in wanted.items():
                if found.get(name) != description:
                    column = f"{quoted(relation)}.{quoted(name)}"
                    self.run(f"COMMENT ON COLUMN {column} IS {_text(description)}")

    def require_roles(self, roles: Collection[str]) -> None:
        all_seeing = dict(self.rows("SELECT rolname::text, rolsuper OR rolname = current_user FROM pg_roles"))
        for role in sorted(roles):
            if role not in all_seeing:
                raise ReportingError(
                    f"the reporting database has no role {role}, which `reporting:` of team.yaml names as a "
                    f"reader; make it there (CREATE ROLE {role} LOGIN) or take it out of the handbook"
                )
            if all_seeing[role]:
                raise ReportingError(
                    f"{role} publishes the reporting database or is a superuser of it, and `reporting:` of "
                    "team.yaml names it as a reader; expected a role that may only read"
                )

    def let_read(self, relations: Sequence[str], roles: Collection[str]) -> None:
        for role in sorted(roles):
            for relation in relations:
                if not self._was_granted(relation, role):
                    self.run(f"GRANT SELECT ON {quoted(relation)} TO {quoted(role)}")
            ((schema, usable),) = self.rows(
                "SELECT current_schema()::text, has_schema_privilege($1, current_schema(), 'USAGE')", role
            )
            if not usable:
                self.run(f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {quoted(role)}")

    def readers(self, table: str) -> frozenset[str]:
        return frozenset(may_change(name) if writes else name for name, writes in self.rows(_READERS, table))

    def day(self, day: date) -> object:
        return day

    def stored(self, rows: pa.Table) -> pa.Table:
        return rows

    def _comments(self, relation: str) -> dict[str | None, str]:
        """The comments by column; that of the relation itself under None."""
        return dict(
            self.rows(
                "SELECT attname::text, description FROM pg_description "  # noqa: S608 - our own words
                "LEFT JOIN pg_attribute ON attrelid = objoid AND attnum = objsubid AND objsubid > 0 "
                f"WHERE classoid = 'pg_class'::regclass AND objoid = {_RELATION}",
                relation,
            )
        )

    def _was_granted(self, relation: str, role: str) -> bool:
        """Whether the role itself may read, and not only by being somebody else, too."""
        return bool(
            self.rows(
                "SELECT 1 FROM pg_class, aclexplode(relacl) AS one "  # noqa: S608 - our own words
                f"WHERE pg_class.oid = {_RELATION} AND privilege_type = 'SELECT' AND grantee = to_regrole($2)",
                relation,
                role,
            )
        )


def _text(value: str) -> str:
    """A text as SQL has it in quotes: comments take no parameter."""
    return "'" + value.replace("'", "''") + "'"
