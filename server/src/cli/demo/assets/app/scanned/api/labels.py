"""Labels: drawn as PostScript, spooled to a file, sent to the depot's printer."""

import pathlib
import subprocess

SPOOL_DIR = "/tmp/parcel-labels"
MEDIA = {"small": "A6", "large": "A5"}

PAGE = """%!PS
/Helvetica-Bold findfont 18 scalefont setfont
40 300 moveto ({name}) show
40 270 moveto ({street}) show
40 240 moveto ({postcode} {town}) show
40 120 moveto ({code}) show
showpage
"""


def draw(parcel):
    """The label's page."""
    fields = ("name", "street", "postcode", "town", "code")
    return PAGE.format(**{field: escape(parcel[field]) for field in fields})


def escape(text):
    """Brackets and backslashes mean something in PostScript."""
    for sign in ("\\", "(", ")"):
        text = text.replace(sign, "\\" + sign)
    return text


def print_label(parcel, printer):
    """Spools the label and hands it to the print system."""
    spool = pathlib.Path(SPOOL_DIR)
    spool.mkdir(parents=True, exist_ok=True)
    page = spool / (parcel["code"] + ".ps")
    page.write_text(draw(parcel), encoding="utf-8")
    media = MEDIA["large" if parcel["weight_g"] > 2000 else "small"]
    subprocess.run(f"lpr -P {printer} -o media={media} {page}", shell=True, check=True)
