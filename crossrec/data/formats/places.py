"""Gowalla and Brightkite: check-ins of people at places, without a header."""

from crossrec.data.formats.known import Tables
from crossrec.data.formats.shape import LOG
from crossrec.schema import ITEM, TIME, USER

CHECK_INS = (
    Tables("Gowalla or Brightkite")
    .bare(
        LOG,
        r"\d+\t\d{4}-\d\d-\d\dT[\d:]+Z\t-?[\d.]+\t-?[\d.]+\t\w*",
        "user,time,latitude,longitude,place",
        {USER: "user", ITEM: "place", TIME: "time"},
        delimiter="\t",
        quoting=False,
    )
    .layout()
)
