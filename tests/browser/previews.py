"""Pictures of the five designs, for whoever chooses one: `python -m tests.browser.previews`.

Needs Chromium. Writes shared/pages/previews/, whose names the database knows.
"""

import base64
import tempfile
from pathlib import Path

from local.database import connected
from local.stack import running_stack
from shared.pages.landing import DESIGNS
from tests.browser.chromium import chromium, found_chromium
from tests.browser.student import Student

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "shared" / "pages" / "previews"
COLOURS = {1: "#1d4ed8", 2: "#0f766e", 3: "#7c3aed", 4: "#b45309", 5: "#1e3a8a"}
QUALITY, SCALE = 60, 0.5


def main(program: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as state,
        running_stack(ROOT, Path(state)) as stack,
        chromium(program) as browser,
    ):
        for number, design in DESIGNS.items():
            with connected(stack.foundation.database.owner_url) as connection:
                connection.run(
                    f"""UPDATE "TenantLandingSettings"
                        SET "templateId" = {number}, "primaryColor" = '{COLOURS[number]}'"""
                )
            browser.open_tab(width=1280, height=960)
            Student(browser, stack).open(f"/?fresh={number}")
            clip = {"x": 0, "y": 0, "width": 1280, "height": 960, "scale": SCALE}
            told = browser.tell("Page.captureScreenshot", format="jpeg", quality=QUALITY, clip=clip)
            (FOLDER / f"{design}.jpg").write_bytes(base64.b64decode(told["data"]))


if __name__ == "__main__":
    main(found_chromium() or "chromium")
