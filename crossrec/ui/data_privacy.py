"""What becomes of personal data at import: pseudonyms, profile columns, small groups."""

from dataclasses import replace

import streamlit as st

from crossrec.data.audit.rules import AuditReport
from crossrec.data.privacy.plan import MIN_GROUP, PrivacyPlan, group_sizes, parse_bands
from crossrec.data.users import UserTable
from crossrec.errors import CrossRecError, RunUnreadable
from crossrec.intake import RunInputs
from crossrec.ui import checks, inputs, state
from crossrec.ui.data_words import term
from crossrec.ui.format import plain
from crossrec.ui.i18n import t
from crossrec.ui.tiles import tiles
from crossrec.ui.widgets import error_box, section
from crossrec.workspace import Run

_MOST_GROUPS = 60
_BANDS = "age=18/35/65"


def show(asked: RunInputs, checked: Run, columns: tuple[str, ...]) -> None:
    """What looks personal, the choices, and the groups of the profile columns.

    Args:
        asked: the check that is shown.
        checked: its result.
        columns: profile columns of the user table.
    """
    section(t("data.privacy.title"), t("data.privacy.note"))
    _warned(checked)
    plan = asked.privacy
    if plan is not None:
        st.caption(t("data.privacy.withheld", n=plan.least))
        if plan.pseudonymise:
            st.caption(t("data.privacy.key"))
    with st.form("privacy", border=True):
        now = plan or PrivacyPlan()
        st.toggle(
            t("data.privacy.pseudonymise"),
            value=now.pseudonymise,
            key="privacy_pseudonymise",
            help=t("data.privacy.pseudonymise_help"),
        )
        drop, band, least = tiles("privacy_row", 3, least=180)
        drop.multiselect(
            t("data.privacy.drop"),
            columns,
            default=[name for name in now.drop if name in columns],
            key="privacy_drop",
            placeholder=t("data.privacy.none"),
        )
        band.text_input(
            t("data.privacy.band"),
            value=",".join(f"{name}={'/'.join(f'{edge:g}' for edge in edges)}"
                           for name, edges in now.band.items()),
            key="privacy_band",
            placeholder=_BANDS,
            help=t("data.privacy.band_help"),
            max_chars=500,
        )  # fmt: skip
        least.number_input(
            t("data.privacy.least"), 1, 1000, now.least if plan else MIN_GROUP,
            key="privacy_least", help=t("data.privacy.least_help"),
        )  # fmt: skip
        st.form_submit_button(
            t("data.privacy.apply"),
            key="privacy_apply",
            type="primary",
            on_click=_apply,
            args=(asked,),
        )
    if (refused := st.session_state.pop("_privacy_refused", None)) is not None:
        error_box(refused)
    if plan is not None:
        st.button(t("data.privacy.undo"), key="privacy_undo", on_click=_undo)
    _groups(checked)


def _warned(checked: Run) -> None:
    found: AuditReport = state.read(checked, "audit")
    for finding in found.findings:
        if finding.rule == "personal_data":
            listed = [
                t(
                    "data.privacy.column_told",
                    table=term("table", one["table"]),
                    column=plain(one["column"]),
                    kind=term("kind", one["kind"]),
                )
                for one in finding.examples
            ]
            columns = t("common.comma").join(listed)
            st.warning(t("data.privacy.looks", columns=columns), icon=":material/badge:")


def _apply(asked: RunInputs) -> None:
    chosen = st.session_state
    try:
        plan = PrivacyPlan(
            pseudonymise=bool(chosen["privacy_pseudonymise"]),
            drop=tuple(chosen["privacy_drop"]),
            band=parse_bands(chosen["privacy_band"]),
            least=int(chosen["privacy_least"]),
        )
    except CrossRecError as error:
        chosen["_privacy_refused"] = error
        return
    inputs.write_param("privacy", plan.to_json())
    wanted = replace(asked, privacy=plan)
    if checks.find(wanted) is None:
        checks.start(wanted)


def _undo() -> None:
    state.set_param("privacy", None)


def _groups(checked: Run) -> None:
    """Users by value of a profile column, small groups joined."""
    try:
        users: UserTable = state.read(checked, "users")
    except RunUnreadable:
        return  # no user table was given
    if not users.attributes:
        return
    section(t("data.privacy.groups"), t("data.privacy.groups_note"))
    column = st.selectbox(t("data.privacy.column"), list(users.attributes), key="privacy_column")
    least = max(state.least_shown(checked), MIN_GROUP)
    sizes = group_sizes(users, column, least=least)
    if sizes.empty:
        st.caption(t("data.privacy.withheld", n=least))
        return
    sizes = sizes.set_axis([t("data.privacy.group"), t("column.users")], axis="columns")
    st.dataframe(sizes.head(_MOST_GROUPS), hide_index=True, key="privacy_groups")
