"""Lists as people upload them: what is no list is refused as a whole, what is no address line by line."""

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.whitelists.csv_text import LARGEST_FILE, LONGEST_LINE
from shared.whitelists.errors import FileRefused
from shared.whitelists.read_addresses import read_addresses

HEADERS = (
    "email",
    "Email",
    "E-MAIL",
    " e-mail ",
    "Email Address",
    "email_address",
    "Student Email",
    "E-mail 1 - Value",
    "Địa chỉ email",
    "địa chỉ email",  # the same, decomposed
    "Địa chỉ thư điện tử",
)


def pieces(content: bytes, size: int = 7) -> Iterator[bytes]:
    """The file as it may come over the network: cut anywhere."""
    return (content[at : at + size] for at in range(0, len(content), size))


def accepted(content: bytes, size: int = 7, header: str | None = None) -> list[str]:
    """The addresses of a file in which nothing is rejected."""
    rows = list(read_addresses(pieces(content, size), header))
    assert [row for row in rows if row.reason] == []
    return [row.text for row in rows]


def rejected(content: bytes) -> list[tuple[int, str, str]]:
    return [
        (row.line, row.text, row.reason) for row in read_addresses(pieces(content)) if row.reason is not None
    ]


def refusal(chunks: Iterator[bytes], header: str | None = None) -> str:
    with pytest.raises(FileRefused) as refused:
        list(read_addresses(chunks, header))
    return refused.value.code


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00", id="zip"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="png"),
        pytest.param(b"%PDF-1.7 a@b.test", id="pdf"),
        pytest.param(b"\x1f\x8b\x08a@b.test", id="gzip"),
        pytest.param(b"GIF89a@b.test", id="gif"),
        pytest.param(b"<!DOCTYPE html><a@b.test>", id="a page"),
        pytest.param(b"a@b.test\n\x00\x01\x02", id="NUL bytes"),
        pytest.param("a@b.test\n\0".encode("utf-16"), id="NUL in UTF-16"),
        pytest.param("a@b.test".encode("utf-32"), id="UTF-32"),
    ],
)
def test_what_is_no_csv_is_refused(content: bytes) -> None:
    assert refusal(pieces(content)) == "not_a_csv"


def test_a_file_over_50_mb_is_refused_before_more_of_it_is_read() -> None:
    piece = (b"a@example.test," + b"x" * 60_000 + b"\n") * 20
    asked = []

    def endless() -> Iterator[bytes]:
        while True:
            asked.append(len(piece))
            yield piece

    assert refusal(endless()) == "file_too_large"
    assert LARGEST_FILE < sum(asked) <= LARGEST_FILE + len(piece)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_over_64_kb_is_refused(end: bytes) -> None:
    assert refusal(iter([b"a@b.test\n", b"x" * (LONGEST_LINE + 1) + end])) == "line_too_long"
    assert len(list(read_addresses(iter([b"a@b.test\n", b"x" * LONGEST_LINE])))) == 2


def test_one_line_of_100_mb_is_refused_without_being_kept() -> None:
    piece, asked = b"x" * 262_144, []

    def endless() -> Iterator[bytes]:
        for _ in range(400):
            asked.append(piece)
            yield piece

    assert refusal(endless()) == "line_too_long"
    assert len(asked) == 1


def test_a_record_of_short_lines_is_refused_like_a_long_line() -> None:
    """Its quotes are closed and opened again, so the reader would keep all of it."""
    assert refusal(pieces(b'"' + b'a\n","' * 30_000, 4_096)) == "line_too_long"


def test_a_column_that_is_not_there_is_told() -> None:
    assert refusal(pieces(b"name,email\nMai,a@b.test\n"), "Contact") == "column_not_found"
    assert refusal(pieces(b"a@b.test\n"), "Contact") == "column_not_found"


def test_the_named_column_is_taken_whatever_the_others_are_called() -> None:
    content = "email;Liên  hệ\nold@b.test;new@b.test\n".encode()
    assert accepted(content, header="liên hệ") == ["new@b.test"]
    assert accepted(content) == ["old@b.test"]


def test_without_a_header_the_column_is_the_first_that_holds_addresses() -> None:
    assert accepted(b"1,Mai,a@b.test\n2,Lan,c@b.test\n") == ["a@b.test", "c@b.test"]
    unknown = "Họ tên,Liên lạc\nMai,a@b.test\n".encode()
    assert [tuple(row) for row in read_addresses(pieces(unknown))] == [
        (1, "Liên lạc", "not_an_address"),
        (2, "a@b.test", None),
    ]


@pytest.mark.parametrize("told", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_that_tells_excel_the_delimiter_is_no_record(told: str) -> None:
    content = f"{told}\r\nemail;a,b,c\r\na@b.test;1,2\r\nbad;\r\n".encode()
    rows = [tuple(row) for row in read_addresses(pieces(content))]
    assert rows == [(3, "a@b.test", None), (4, "bad", "not_an_address")]


@pytest.mark.parametrize("value", ["mailto:a@b.test", "MAILTO:A@b.test", "Mai <mailto:a@b.test>"])
def test_a_link_to_an_address_is_the_address(value: str) -> None:
    assert accepted(value.encode()) == ["a@b.test"]


def test_what_an_export_writes_before_a_sign_is_taken_away_again() -> None:
    assert accepted(b"'+a@b.test\n'-c@b.test\n") == ["+a@b.test", "-c@b.test"]
    assert rejected(b"a@b.test\n'a@b.test\n") == [(2, "'a@b.test", "not_an_address")]


def test_over_two_million_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.whitelists.read_addresses.MOST_ROWS", 3)
    assert refusal(pieces(b"email\na@b.test\n\nb@b.test\nc@b.test\nd@b.test\n")) == "too_many_rows"
    assert len(accepted(b"email\na@b.test\n\nb@b.test\nc@b.test\n")) == 3


def test_a_quote_that_is_never_closed_is_refused_instead_of_swallowing_the_rest() -> None:
    assert refusal(pieces(b'a@b.test\n"b@b.test\nc@b.test\nd@b.test\n')) == "unclosed_quote"
    assert refusal(pieces(b'a@b.test\n"b@b.test')) == "unclosed_quote"
    assert refusal(pieces(b'"' + b"abcdefg\n" * 30_000)) == "line_too_long"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("nobody", "not_an_address"),
        ("not-an-email", "not_an_address"),
        ("a@b", "not_an_address"),
        ("a b@c.test", "not_an_address"),
        ("a@b.test c@d.test", "not_an_address"),
        ("\u0430dmin@example.test", "look_alike"),  # a Cyrillic letter
        ("Mai <m\u0430i@example.test>", "look_alike"),
        ("mai@ex\uff41mple.test", "look_alike"),  # a fullwidth letter
        ("mai\uff20example.test", "look_alike"),  # a fullwidth @
        ("m\u0131nh@example.test", "look_alike"),  # an i without its dot
        ("\U0001d426ai@example.test", "look_alike"),  # a mathematical letter
        ("m\u00ado@example.test", "look_alike"),  # a hyphen that is not drawn
        ("\u1ef3@example.test", "not_an_address"),  # nobody takes an accented letter for another
        ("\u0111an@example.test", "not_an_address"),
        ("\u0445\u0443\u0439", "not_an_address"),
        ("=HYPERLINK(1)", "not_an_address"),
        ("a@b.test\u200b", "look_alike"),
        ("Mai <mai>", "not_an_address"),
        ("a" * 250 + "@b.test", "too_long"),
        ("a\x07@b.test", "not_text"),
        ("a\ufffd@b.test", "not_text"),
    ],
)
def test_what_is_no_address_is_told_with_its_line_and_reason(value: str, reason: str) -> None:
    content = f"ok@example.test\n{value}\nfine@example.test\n".encode()
    assert rejected(content) == [(2, value[:200], reason)]


def test_a_first_line_that_is_no_address_is_not_taken_for_a_header() -> None:
    assert rejected(b"not-an-email\na@b.test\n") == [(1, "not-an-email", "not_an_address")]


def test_a_name_without_an_address_is_missing_one() -> None:
    assert rejected(b"name,email\nMai,\nLan\n") == [(2, "", "missing"), (3, "", "missing")]


def test_two_addresses_in_one_quoted_field_are_not_run_together() -> None:
    told = rejected(b'a@b.test\n"c@d.te\nst"\ne@f.test\nx\n')
    assert told == [(2, "c@d.te\nst", "not_an_address"), (5, "x", "not_an_address")]


def test_a_header_in_the_middle_is_a_line_like_the_others() -> None:
    assert rejected(b"email\na@b.test\nemail\n") == [(3, "email", "not_an_address")]


def test_bytes_that_are_no_text_cost_their_line_only() -> None:
    content = b"email,name\na@b.test,Nguy\xecn\nb\xec@b.test,Mai\nc@b.test,Lan\n"
    assert rejected(content) == [(3, "b\ufffd@b.test", "not_text")]


def test_an_empty_file_and_a_header_alone_hold_no_rows() -> None:
    for content in (b"", b"\n\r\n  \n", b"\xef\xbb\xbf", b"email\n", b"name;email\r\n;\r\n"):
        assert accepted(content) == []


@pytest.mark.parametrize("header", HEADERS)
def test_the_column_that_the_header_names_is_read(header: str) -> None:
    assert accepted(f"name,{header}\nMai,mai@example.test\n".encode()) == ["mai@example.test"]


def test_of_two_columns_that_may_be_meant_the_one_named_email_is() -> None:
    assert accepted(b"email opt-in,email\nyes,a@b.test\n") == ["a@b.test"]
    assert accepted(b"email,email\na@b.test,c@d.test\n") == ["a@b.test"]


def test_without_a_header_the_first_column_is_read() -> None:
    assert accepted(b"a@b.test,Mai\nc@d.test,Lan\n") == ["a@b.test", "c@d.test"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_whoever_wrote_the_file_the_addresses_are_the_same(
    encoding: str, delimiter: str, newline: str
) -> None:
    lines = [("Tên", "Email"), ("Nguyễn", "Mai@Example.Test"), ("", ""), ('"Lê, Lan"', "lan@example.test")]
    content = newline.join(delimiter.join(line) for line in lines).encode(encoding)
    assert accepted(content) == ["mai@example.test", "lan@example.test"]


def test_the_spellings_of_an_address_are_one() -> None:
    content = (
        b"  A@B.Test \n"
        b'"a@b.test"\n'
        b"Mai Nguyen <a@b.test>\n"
        b'"Nguyen, Mai <A@b.test>"\n'
        b'"Nguyen" <a@b.test>\n'
        b"a+tag@b.test\n"
    )
    assert accepted(content) == ["a@b.test"] * 5 + ["a+tag@b.test"]


@given(size=st.integers(1, 40), blank=st.integers(0, 3), end=st.sampled_from(["", "\n", "\r\n"]))
def test_lines_are_counted_the_same_wherever_the_file_is_cut(size: int, blank: int, end: str) -> None:
    content = ("\r\n" * blank + 'email;note\r\na@b.test;"one\r\ntwo"\r\n\r\nbad;x\r\nc@d.test' + end).encode()
    rows = [tuple(row) for row in read_addresses(pieces(content, size))]
    assert rows == [
        (blank + 2, "a@b.test", None),
        (blank + 5, "bad", "not_an_address"),
        (blank + 6, "c@d.test", None),
    ]


def test_memory_does_not_grow_with_the_file() -> None:
    def large() -> Iterator[bytes]:
        return (
            "".join(f"student{number}@example.test,{'x' * 50}\n" for number in range(at, at + 3_000)).encode()
            for at in range(0, 60_000, 3_000)
        )

    tracemalloc.start()
    try:
        rows = sum(1 for _ in read_addresses(large()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rows == 60_000
    assert peak < 2_500_000  # the file has 4.5 MB, a piece of it 0.23
