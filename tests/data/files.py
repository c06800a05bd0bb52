"""Files to read, and what a log says of them."""

import io
import json
import zipfile

from hypothesis import HealthCheck, settings

HEAD = "user_id,item_id,scenario\n"
BASIC = HEAD + "u1,i1,a\nu2,i2,b\nu1,i2,b\n"
ROWS = [("u1", "i1", "a"), ("u2", "i2", "b"), ("u1", "i2", "b")]
FAST = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def triples(log):
    names = ("user_id", "item_id", "scenario")
    return list(zip(*(log.to_frame()[name] for name in names), strict=True))


def told(log):
    return [(row.line, row.column, row.value, row.reason) for row in log.rejects.rows]


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


JSONL = "".join(
    json.dumps(dict(zip(("user_id", "item_id", "scenario"), row, strict=True))) + "\n"
    for row in ROWS
)


def workbook(cells=None):
    """A minimal workbook with inline strings; written by hand, so that no writer is needed."""
    cells = cells or [HEAD.strip().split(","), *ROWS]
    sheet = "".join(
        f'<row r="{at}">' + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row)
        + "</row>"
        for at, row in enumerate(cells, 1)
    )  # fmt: skip
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return zipped(
        **{
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/s.xml" ContentType="{kind}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r"'
            f' Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>'
            '<sheet name="log" sheetId="1" r:id="s"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="s" Type="{rel}/worksheet" Target="s.xml"/></Relationships>',
            "xl/s.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
        }
    )
