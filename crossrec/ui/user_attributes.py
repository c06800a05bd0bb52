"""What items share, for removals, paths and reasons: what the catalogue states and a model read."""

import streamlit as st

from crossrec.explanation.attributes import ItemAttributes
from crossrec.ui import knowledge, state
from crossrec.workspace import Run
from crossrec.workspace.knowledge import stamp


def attributes_of(run: Run) -> ItemAttributes:
    """Of a run's items, put together once per server, and anew when attributes were read anew."""
    return _attributes(str(run.path), str(run.info.get("created")), stamp(run))


@st.cache_resource(max_entries=5, show_spinner=False)
def _attributes(path: str, created: str, stamp: str) -> ItemAttributes:
    del created, stamp  # parts of the cache key: a run that was replaced is read anew
    run = Run(path)
    found = ItemAttributes.of_catalog(state.read(run, "catalog"))
    known = knowledge.knowledge_of(run)
    if known is None:
        return found
    read = [facet.name for facet in known.vocabulary.facets]
    return found.with_read(known.attributes.loc[known.attributes["facet"].isin(read)])
