"""Which column of a company's log holds which of our fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlu_data.log_errors import LogColumnError

#: Our fields in the order of the default log; the first three are required.
FIELDS = (
    "conversation_id",
    "sender",
    "text",
    "time",
    "category",
    "satisfaction",
    "resolved",
    "transferred",
    "customer_id",
)
REQUIRED = FIELDS[:3]


@dataclass(frozen=True)
class ColumnMapping:
    """Field → column name, or field → column number counted from 0 for a file without a header line.

    Fields that are not mapped are looked for under their own name when there is a header.
    """

    columns: Mapping[str, str]

    @classmethod
    def of(cls, columns: Mapping[str, str | int] | None) -> "ColumnMapping":
        """Return the mapping after checking its keys.

        :raises LogColumnError: for an unknown field, an empty column, names mixed with numbers, or numbers
            that leave out a required field.
        """
        given = {field: str(column).strip() for field, column in (columns or {}).items()}
        for field, column in given.items():
            if field not in FIELDS:
                raise LogColumnError(f"column mapping: unknown field {field!r}; expected one of {', '.join(FIELDS)}")
            if not column:
                raise LogColumnError(f"column mapping: {field} is empty; give the column's name or number")
        numbered = [column.isdecimal() for column in given.values()]
        if any(numbered) and not all(numbered):
            raise LogColumnError(
                f"column mapping mixes names and numbers: {given}; "
                "use names for a file with a header line, numbers (from 0) for one without"
            )
        mapping = cls(given)
        if mapping.positional:
            missing = [field for field in REQUIRED if field not in given]
            if missing:
                raise LogColumnError(f"column mapping by number leaves out {', '.join(missing)}: add them, from 0")
        return mapping

    @property
    def positional(self) -> bool:
        """Whether columns are given by number, so that the first line is already data."""
        return bool(self.columns) and all(column.isdecimal() for column in self.columns.values())

    def positions(self, header: Sequence[str]) -> dict[str, int]:
        """Return field → index into a row.

        :raises LogColumnError: when a mapped column or a required field is not in `header`.
        """
        if self.positional:
            return {field: int(column) for field, column in self.columns.items()}
        known = {name.strip(): index for index, name in reversed(list(enumerate(header)))}
        found: dict[str, int] = {}
        for field in FIELDS:
            column = self.columns.get(field, field)
            if column in known:
                found[field] = known[column]
            elif field in self.columns or field in REQUIRED:
                raise LogColumnError(
                    f"column {column!r} for {field} is not in the file; it has: {', '.join(header) or 'no columns'}. "
                    f"Map it with {field}=NAME, or with numbers (from 0) if the file has no header line"
                )
        return found
