"""Makes the CSVs in `spreadsheets/`: one sheet as several programs save it.

    .venv/bin/python -m tests.whitelists.make_spreadsheets

With LibreOffice on the machine (`soffice`), its files are its own, from its filter options ("Filter Options
for CSV", LibreOffice Help); those that are kept were saved by LibreOffice 7.4. Without it they are written
here by what those options are documented to do, as are always those of Excel and Google Sheets.
"""

import csv
import io
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

FOLDER = Path(__file__).with_name("spreadsheets")
SHEET = [
    ["Họ và tên", "Địa chỉ email", "Ghi chú"],
    ["Nguyễn Thị Mai", "Mai.Nguyen+A1@Example.com", "dòng một\ndòng hai"],
    ['Lan "Bé"', " lan@example.com ", "a;b,c\td"],
    ["", "", ""],
    ["Trần Văn Nam", "Trần Văn Nam <nam@example.com>", ""],
    ["Đỗ Minh", "không có", "=1+1"],
    ["Mai lần nữa", "mai.nguyen+a1@example.com", "0912345678"],
    ["Phạm Anh", "ph\u0430m@example.com", ""],
]

# Of LibreOffice's options: the character set by its number, and whether every text is quoted.
UTF_8, UTF_16 = "76", "65535"
ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:body><office:spreadsheet><table:table table:name="Sheet1">{rows}</table:table></office:spreadsheet>
</office:body></office:document>"""


@dataclass(frozen=True)
class Kind:
    """How a program saves a sheet; `options` are LibreOffice's for the same."""

    delimiter: str
    encoding: str = "utf-8"
    line_end: str = "\r\n"
    is_quoted: bool = False
    first_line: str = ""
    last_line_ends: bool = True
    options: str | None = None


KINDS = {
    "libreoffice-comma.csv": Kind(",", line_end="\n", options=f"44,34,{UTF_8},1,,0,false,true,false"),
    "libreoffice-semicolon-quoted.csv": Kind(
        ";", line_end="\n", is_quoted=True, options=f"59,34,{UTF_8},1,,0,true,true,false"
    ),
    "libreoffice-tab-utf16.csv": Kind(
        "\t", "utf-16", line_end="\n", options=f"9,34,{UTF_16},1,,0,false,true,false"
    ),
    "excel-utf8.csv": Kind(",", "utf-8-sig"),
    "excel-utf8-semicolon.csv": Kind(";", "utf-8-sig"),
    "excel-unicode-text.txt": Kind("\t", "utf-16"),
    "excel-sep.csv": Kind(";", "utf-8-sig", first_line="sep=;\r\n"),
    "google-sheets.csv": Kind(",", last_line_ends=False),
}


def written(kind: Kind) -> bytes:
    """The sheet as the program writes it."""
    text = io.StringIO(newline="")
    text.write(kind.first_line)
    rows = csv.writer(
        text,
        delimiter=kind.delimiter,
        lineterminator=kind.line_end,
        quoting=csv.QUOTE_ALL if kind.is_quoted else csv.QUOTE_MINIMAL,
    )
    rows.writerows(SHEET)
    told = text.getvalue()
    return (told if kind.last_line_ends else told.removesuffix(kind.line_end)).encode(kind.encoding)


def saved_by_libreoffice(program: str, options: str) -> bytes:
    with TemporaryDirectory() as folder:
        sheet = Path(folder) / "sheet.fods"
        sheet.write_text(ODS.format(rows="".join(map(_row, SHEET))), encoding="utf-8")
        profile = f"-env:UserInstallation=file://{folder}/profile"
        target = f"csv:Text - txt - csv (StarCalc):{options}"
        subprocess.run(
            [program, "--headless", profile, "--convert-to", target, "--outdir", folder, str(sheet)],
            check=True,
            timeout=120,
        )
        return sheet.with_suffix(".csv").read_bytes()


def _row(cells: list[str]) -> str:
    told = "".join(
        f'<table:table-cell office:value-type="string">{_lines(cell)}</table:table-cell>' for cell in cells
    )
    return f"<table:table-row>{told}</table:table-row>"


def _lines(cell: str) -> str:
    parts = (escape(line).replace("\t", "<text:tab/>") for line in cell.split("\n"))
    return "".join(f"<text:p>{line}</text:p>" for line in parts)


def main() -> None:
    program = shutil.which("soffice")
    for name, kind in KINDS.items():
        by_itself = program is not None and kind.options is not None
        content = saved_by_libreoffice(str(program), str(kind.options)) if by_itself else written(kind)
        (FOLDER / name).write_bytes(content)
        sys.stdout.write(f"{name}: {len(content)} bytes{', by LibreOffice' if by_itself else ''}\n")


if __name__ == "__main__":
    main()
