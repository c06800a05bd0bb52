"""Workbooks of several sheets, written by hand, so that no writer is needed."""

from xml.sax.saxutils import escape

from tests.data.files import zipped

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(**sheets):
    """A workbook; each sheet is a list of rows of text, numbers or None. "#N/A" is an error."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/s{at}.xml" ContentType="{_KIND}.worksheet+xml"/>'
            for at in range(len(sheets))
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r"'
        f' Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{at + 1}" r:id="s{at}"/>'
            for at, name in enumerate(sheets)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="s{at}" Type="{_REL}/worksheet" Target="s{at}.xml"/>'
            for at in range(len(sheets))
        )
        + "</Relationships>",
    }
    for at, rows in enumerate(sheets.values()):
        body = "".join(
            f'<row r="{line}">' + "".join(map(_cell, row, [(line, i) for i in range(len(row))]))
            + "</row>"
            for line, row in enumerate(rows, 1)
        )  # fmt: skip
        parts[f"xl/s{at}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'
        )
    return zipped(**parts)


def _cell(value, place):
    line, column = place
    at = f'r="{chr(65 + column)}{line}"'
    if value is None:
        return ""
    if value == "#N/A":
        return f'<c {at} t="e"><v>#N/A</v></c>'
    if isinstance(value, (int, float)):
        return f"<c {at}><v>{value}</v></c>"
    return f'<c {at} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
