"""Columns that wrap where the window is narrow; Streamlit's own only get thinner."""

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

GAP: Final = 24  # pixels


def tiles(key: str, n: int, *, least: int) -> list[DeltaGenerator]:
    """Boxes of equal width side by side, as many in a row as fit.

    Args:
        key: of the row; letters, digits, ``-`` and ``_``.
        n: how many.
        least: width in pixels below which they wrap.
    """
    columns = f"repeat(auto-fit, minmax(min({least}px, 100%), 1fr))"
    # The whole row is a grid, so that a last row of fewer boxes keeps the others' width.
    if n > 2:
        columns = columns.replace("auto-fit", "auto-fill")
    st.html(
        f"<style>.st-key-{key} {{display: grid; grid-template-columns: {columns};"
        f" gap: {GAP // 2}px {GAP}px;}} .st-key-{key} > * {{min-width: 0; width: 100%;}}</style>"
    )
    row = st.container(horizontal=True, key=key)
    return [row.container(gap="small") for _ in range(n)]
