"""One rule says what an address is: what the code stores is what the database takes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from shared.fields import LONGEST_ADDRESS, normalised_email
from tests.databases import TestDatabase
from tests.schools import School

DEFINITIONS = """
    SELECT substr(pg_get_constraintdef(oid), 7) AS told FROM pg_constraint
    WHERE conrelid = '"WhitelistEntry"'::regclass AND contype = 'c'
"""

# Letters that some rule for regardless of case takes for those of ASCII, among others.
SIGNS = st.sampled_from(
    [*"abzABZ019._%+-@@ \t'\"<>,;", "\u212a", "\u017f", "\u0130", "\u0131", "\u0430", "\u00e9", "\u200b"]
)
PARTS = st.text("abAZ0.-", min_size=1, max_size=8)
ADDRESSES = st.builds("{}@{}.{}".format, PARTS, PARTS, st.sampled_from(["vn", "test", "T", "VN", "v1", "v-"]))
LONG = st.integers(240, 260).map(lambda length: "a" * (length - 7) + "@b.test")
SPOILED = st.builds(
    lambda address, at, sign: address[:at] + sign + address[at:], ADDRESSES, st.integers(0, 20), SIGNS
)
TEXTS = st.one_of(ADDRESSES, LONG, SPOILED, st.text(SIGNS, max_size=20))


def stored(text: str) -> str | None:
    """What the code makes of it."""
    try:
        return normalised_email(text)
    except ValueError:
        return None


@pytest.fixture
def rule(database: TestDatabase) -> str:
    """A query for whether the table takes an address: its constraints, as the database itself has them."""
    every = " AND ".join(row["told"] for row in database.rows(DEFINITIONS))
    return f"SELECT {every} FROM (SELECT CAST(:email AS text) AS email) one"


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_the_database_takes_exactly_what_the_code_stores(
    database: TestDatabase, rule: str, text: str
) -> None:
    assert database.value(rule, email=text) == (stored(text) == text)
    made = stored(text)
    assert made is None or database.value(rule, email=made)


@pytest.mark.parametrize(
    "wrong",
    [
        "Mai@example.test",
        "mai@example",
        "a" * LONGEST_ADDRESS + "@b.test",
        "\u212ai@b.test",
        "m\u017f@b.test",
        " a@b.test",
    ],
)
def test_the_table_refuses_what_the_rule_refuses(school: School, wrong: str) -> None:
    with pytest.raises(DBAPIError, match=r"valid_email_format|whitelist_entry_email_stored"):
        school.allow(wrong)


def test_no_other_constraint_of_the_table_is_about_addresses(database: TestDatabase) -> None:
    checks = database.rows(
        """SELECT conname FROM pg_constraint WHERE conrelid = '"WhitelistEntry"'::regclass AND contype = 'c'
           ORDER BY conname"""
    )
    assert [row["conname"] for row in checks] == ["valid_email_format", "whitelist_entry_email_stored"]
