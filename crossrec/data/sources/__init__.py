"""Files of any kind -> tables of text cells in DuckDB, every line accounted for."""

from crossrec.data.sources.opening import open_parts
from crossrec.data.sources.part import Collector, Part, collect
from crossrec.data.sources.staging import Staging, stage

__all__ = ["Collector", "Part", "Staging", "collect", "open_parts", "stage"]
