"""Failures as they are told: each on purpose, none with what somebody wrote."""

import json

import pytest
from pg8000.exceptions import DatabaseError
from sqlalchemy.exc import DBAPIError

from shared.edge.problems import as_problem, render
from shared.errors import Busy, Problem


def of_the_server(state: str) -> DBAPIError:
    return DBAPIError("SELECT 1", {}, DatabaseError({"C": state, "M": "secret@example.com"}))


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("23505", 409, "conflict"),
        ("23P01", 409, "conflict"),
        ("23503", 409, "conflict"),
        ("55P03", 503, "busy"),
        ("57014", 503, "busy"),
        ("53300", 503, "busy"),
        ("57P01", 503, "busy"),
        ("22021", 400, "malformed_request"),
        ("42P01", 500, "internal_error"),
    ],
)
def test_each_sqlstate_is_told_as_what_it_means(state: str, status: int, code: str) -> None:
    problem = as_problem(of_the_server(state))
    assert (problem.status, problem.code) == (status, code)


def test_a_database_that_cannot_be_reached_is_busy() -> None:
    assert isinstance(as_problem(DBAPIError("SELECT 1", {}, OSError("no route"))), Busy)


@pytest.mark.parametrize("error", [of_the_server("42P01"), ValueError("secret@example.com")])
def test_what_nobody_foresaw_is_logged_without_its_words(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    told = render(as_problem(error), "request-1")
    assert told.status_code == 500
    assert "secret" not in caplog.text + str(told.body)


def test_a_problem_says_when_to_come_again_and_which_request_it_was() -> None:
    told = render(Busy(), "request-1")
    assert told.headers["Retry-After"] == "2"
    assert json.loads(str(told.body))["requestId"] == "request-1"


def test_the_members_of_a_problem_are_in_its_document() -> None:
    assert Problem("why", limit="x").document()["limit"] == "x"
