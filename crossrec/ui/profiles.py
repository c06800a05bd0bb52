"""The Features page on users: what their own rows say, in numbers and in one sentence."""

import pandas as pd
import streamlit as st

from crossrec.language.generator import generator_installed
from crossrec.language.profiles import Profile
from crossrec.ui import knowledge
from crossrec.ui.candidates import candidates_panel
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import errors_shown, section, table_with_download
from crossrec.workspace import Run

VERB = "write_profiles"
_MOST = 20


def profiles_panel(run: Run) -> None:
    """Make profiles, read them, and see what each rests on."""
    with errors_shown():
        section(t("profiles.title"), t("profiles.note"))
        active = knowledge.job_panel(VERB, run, "profiles")
        if not active:
            _form(run)
        found = knowledge.profiles_of(run)
        if found:
            _made(found)
        else:
            st.caption(t("profiles.none"))
        candidates_panel(run)


def _made(found: tuple[Profile, ...]) -> None:
    """All profiles as a table, and one of them with everything it rests on."""
    written = sum(each.machine_written for each in found)
    st.markdown(t("profiles.count", n=number(len(found)), written=number(written)))
    table_with_download(
        pd.DataFrame(
            {
                t("profiles.user"): [each.user for each in found],
                t("column.scenario"): [each.scenario for each in found],
                t("profiles.items"): [each.items for each in found],
                t("profiles.sentence"): [each.sentence for each in found],
                t("profiles.by"): [each.writer or t("profiles.from_numbers") for each in found],
            }
        ),
        key="profiles",
    )
    chosen = st.selectbox(
        t("profiles.choose"),
        range(len(found)),
        format_func=lambda at: f"{found[at].user} · {found[at].scenario}",
        key="profiles_one",
    )
    _one(found[chosen or 0])


def _form(run: Run) -> None:
    can_write = generator_installed()
    with st.form("profiles_form", border=True):
        users = st.text_input(
            t("profiles.users"), placeholder=t("profiles.users_hint", n=_MOST), key="profiles_users"
        )
        written = st.toggle(
            t("profiles.write"),
            value=can_write,
            disabled=not can_write,
            help=t("profiles.write_help"),
            key="profiles_write",
        )
        if not can_write:
            st.caption(t("profiles.no_model"))
        if st.form_submit_button(t("profiles.start"), icon=":material/play_arrow:"):
            named = [each for each in users.replace(",", " ").split() if each]
            knowledge.start(VERB, run, {"users": named, "most": _MOST, "written": written})
            st.rerun()


def _one(profile: Profile) -> None:
    """A profile with everything it rests on."""
    with st.container(border=True, key="profile"):
        st.text(profile.sentence)
        if profile.machine_written:
            st.caption(t("profiles.machine", writer=plain(profile.writer)))
        else:
            st.caption(t("profiles.numbers"))
        left, right = st.columns(2, gap="large")
        left.caption(t("profiles.facts"))
        left.text("\n".join(_facts(profile)))
        right.caption(t("profiles.evidence"))
        right.text("\n".join(profile.titles))
        if profile.prompt:
            with st.expander(t("profiles.prompt")):
                st.code(profile.prompt, language=None, wrap_lines=True)
                if profile.refused:
                    st.caption(t("profiles.refused"))
                    st.code(profile.refused, language=None, wrap_lines=True)


def _facts(profile: Profile) -> list[str]:
    lines = [t("profiles.rows", rows=number(profile.rows), items=number(profile.items))]
    shares = {**profile.categories, **profile.attributes}
    lines += [f"{name}  {percent(share)}" for name, share in shares.items()]
    if profile.price_level:
        lines.append(t("profiles.price", level=profile.price_level))
    lines += [
        f"{t(f'profiles.day.{part}')}  {percent(share)}"
        for part, share in profile.day_parts.items()
        if share
    ]
    return lines
