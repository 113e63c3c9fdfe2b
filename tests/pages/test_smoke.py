from tests.pages.conftest import Publish
from typing import Any
import pytest, pathlib
OUT = pathlib.Path("/tmp/scratch/pages5-scratch")
@pytest.mark.parametrize("n", range(6))
def test_it(see: Any, publish: Publish, n: int) -> None:
    if n: publish(templateId=n, pageTitle="A", seoSettings={"metaTitle": "M"}, socialLinks={"facebook": "https://facebook.com/x"})
    a = see("/"); assert a.status == 200, a
    (OUT / f"l{n}.html").write_text(a.text)
    for path in ("/book/conversation", "/bookings/x", "/waitlist/2", "/assets/site.css", "/assets/book.js", "/assets/theme.css?primary=ff0000", "/robots.txt", "/favicon.ico"):
        a = see(path); assert a.status == 200, (path, a)
    print(a.headers)
    assert see("/book/none").status == 404
    (OUT / "book.html").write_text(see("/book/conversation").text)
