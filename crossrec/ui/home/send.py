"""Send: the link, the report and the slides of a run, in the language of the page."""

import streamlit as st

from crossrec import report
from crossrec.ui import state
from crossrec.ui.i18n import language, t
from crossrec.workspace import Run


def offer(run: Run, *, key: str = "send") -> None:
    """A button that opens all ways to send what was found."""
    with st.popover(t("home.send"), icon=":material/send:", key=key):
        st.caption(t("sidebar.link_help"))
        st.code(state.link(), language=None, wrap_lines=True)
        report_button([run], key=f"{key}_report")
        slides_button(run, key=f"{key}_slides")


def report_button(runs: list[Run], *, key: str, **look: str) -> None:
    """The report as one HTML file; its first page prints on A4."""
    lang = language()  # the file is made on click, where no page and so no language is known

    def content() -> bytes:
        return report.build_report(runs, lang=lang).encode()

    st.download_button(
        t("take.report_button"),
        data=content,
        file_name=f"crossrec-{runs[0].id}.html",
        mime="text/html",
        key=key,
        on_click="ignore",
        icon=":material/description:",
        **look,  # pyright: ignore[reportArgumentType]
    )


def slides_button(run: Run, *, key: str) -> None:
    """The four slides, where the package that writes them is installed."""
    if not report.slides_possible():
        st.caption(t("take.slides_none"))
        return
    lang = language()
    st.download_button(
        t("take.slides_button"),
        data=lambda: report.build_slides(run, lang=lang),
        file_name=f"crossrec-{run.id}.pptx",
        mime="application/vnd.openxmlformats-officedocument.presentationml.presentation",
        key=key,
        on_click="ignore",
        icon=":material/slideshow:",
    )
