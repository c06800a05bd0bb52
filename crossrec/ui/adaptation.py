"""The Features page on adaptation: teach an encoder the catalogue, and see whether it helped."""

from pathlib import Path

import pandas as pd
import streamlit as st

from crossrec.evaluation import HELPS, HURTS
from crossrec.language.adaptation.config import METHODS, OBJECTIVES
from crossrec.pipeline.adaptation import curve_of, quality_of
from crossrec.ui import knowledge, state, verdicts, work
from crossrec.ui.format import interval, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import errors_shown, section, table_with_download
from crossrec.workspace import Run

VERB = "adapt"
_REFRESH = 2.0


def adaptation_panel(run: Run) -> None:
    """The form, the curve while it learns, and what changed on rows it never saw."""
    with errors_shown():
        section(t("adaptation.title"), t("adaptation.note"))
        st.caption(t("adaptation.found"))
        job = work.latest(VERB, knowledge.dedupe(VERB, run))
        active = knowledge.job_panel(VERB, run, "adaptation")
        if active and job is not None:
            st.fragment(_curve, run_every=_REFRESH)(Path(str(job.arguments["out"])))
            return
        _form(run)
        made = _finished(run)
        if not made:
            st.caption(t("adaptation.none"))
            return
        names = [path.name for path in made]
        name = st.selectbox(t("adaptation.which"), names, key="adaptation_which")
        _result(made[names.index(name or names[0])])


def _form(run: Run) -> None:
    with st.form("adaptation_form", border=True):
        left, right = st.columns(2, gap="large")
        method = left.radio(
            t("adaptation.method"),
            METHODS,
            format_func=lambda name: t(f"adaptation.method.{name}"),
            key="adaptation_method",
        )
        objective = right.radio(
            t("adaptation.objective"),
            OBJECTIVES,
            format_func=lambda name: t(f"adaptation.objective.{name}"),
            key="adaptation_objective",
        )
        pairs = left.number_input(
            t("adaptation.pairs"), 100, 500_000, 10_000, step=1_000, key="adaptation_pairs"
        )
        words = right.number_input(
            t("adaptation.words"), 0, 20_000, 0, step=50, help=t("adaptation.words_help"),
            key="adaptation_words",
        )  # fmt: skip
        if st.form_submit_button(t("adaptation.start"), icon=":material/play_arrow:"):
            config = {
                "method": method,
                "objective": objective,
                "pairs": int(pairs),
                "mlm_steps": int(words),
            }
            out = _folder(run) / f"{objective}-{method}-{int(pairs)}-{int(words)}"
            knowledge.start(VERB, run, {"out": out, "config": config})
            st.rerun()


def _curve(out: Path) -> None:
    points = pd.DataFrame(curve_of(out))
    if points.empty:
        st.caption(t("adaptation.waiting"))
        return
    wide = points.pivot_table(index="step", columns="part", values="loss")
    wide.columns = [t(f"adaptation.part.{name.replace(' ', '_')}") for name in wide.columns]
    st.line_chart(wide, x_label=t("adaptation.step"), y_label=t("adaptation.loss"), height=240)


def _result(path: Path) -> None:
    found = quality_of(path)
    said = [each.judgement.verdict for each in found]
    counts = {"helped": said.count(HELPS), "harmed": said.count(HURTS), "n": len(found)}
    st.markdown(t("adaptation.answer", **counts))
    table_with_download(
        pd.DataFrame(
            {
                t("adaptation.source"): [each.source for each in found],
                t("adaptation.target"): [each.target for each in found],
                t("adaptation.users"): [each.users for each in found],
                t("adaptation.before"): [each.before for each in found],
                t("adaptation.after"): [each.after for each in found],
                t("adaptation.change"): [
                    interval(each.after - each.before, each.low, each.high, 4, sign=True)
                    for each in found
                ],
                t("worth.verdict"): [verdicts.said(*each.judgement) for each in found],
            }
        ),
        key="adaptation_quality",
        columns={
            t(f"adaptation.{name}"): st.column_config.NumberColumn(format="%.4f")
            for name in ("before", "after")
        },
    )
    st.caption(f"{t('adaptation.measured')} {verdicts.rule()}")
    _curve(path)
    st.caption(t("adaptation.use"))
    st.code(plain(str(path)), language=None)


def _folder(run: Run) -> Path:
    return state.workspace().root / "adapters" / run.id


def _finished(run: Run) -> list[Path]:
    folder = _folder(run)
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if quality_of(path))
