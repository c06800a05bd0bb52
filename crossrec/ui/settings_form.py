"""The settings of ``crossrec.toml``, in one form."""

import streamlit as st

from crossrec.errors import SettingsError
from crossrec.settings import (
    LANGUAGES,
    MAX_THREADS,
    THEMES,
    Settings,
    read_settings,
    settings_path,
    write_settings,
)
from crossrec.ui import lengths, state
from crossrec.ui.format import plain
from crossrec.ui.i18n import LANGUAGES as NAMES
from crossrec.ui.i18n import has, t
from crossrec.ui.widgets import error_box, section

_ERROR, _SAVED = "_settings_error", "_settings_saved"


def show() -> None:
    """The form, what it wrote, and where."""
    section(t("settings.title"), t("settings.note", path=plain(settings_path())))
    if (error := st.session_state.pop(_ERROR, None)) is not None:
        error_box(error)
    if st.session_state.pop(_SAVED, False):
        st.success(t("settings.saved"))
    try:
        now = read_settings()
    except SettingsError as broken:
        error_box(broken)
        now = Settings()
    encoders = list(dict.fromkeys([*lengths.ENCODERS, now.encoder]))
    with st.form("settings", border=True):
        left, right = st.columns(2, gap="large")
        left.selectbox(
            t("settings.language"),
            LANGUAGES,
            index=LANGUAGES.index(now.language),
            format_func=lambda code: NAMES.get(code) or t("settings.language_browser"),
            key="set_language",
        )
        right.selectbox(
            t("settings.theme"),
            THEMES,
            index=THEMES.index(now.theme),
            format_func=lambda theme: t(f"settings.theme_{theme}"),
            key="set_theme",
            help=t("settings.after_start"),
        )
        left.selectbox(
            t("settings.encoder"),
            encoders,
            index=encoders.index(now.encoder),
            format_func=lambda one: t(f"encoder.{one}") if has(f"encoder.{one}") else one,
            key="set_encoder",
            help=t("settings.encoder_help"),
        )
        right.number_input(
            t("settings.threads"),
            0,
            MAX_THREADS,
            now.threads,
            key="set_threads",
            help=t("settings.threads_help"),
        )
        st.text_input(
            t("settings.workspace"),
            now.workspace,
            key="set_workspace",
            placeholder=str(state.workspace().root),
            help=t("settings.after_start"),
            max_chars=1000,
        )
        st.form_submit_button(t("settings.save"), key="settings_save", on_click=_save)
    st.caption(t("settings.workspace_now", path=plain(state.workspace().root)))


def _save() -> None:
    chosen = st.session_state
    try:
        write_settings(
            Settings(
                threads=int(chosen["set_threads"]),
                encoder=chosen["set_encoder"],
                language=chosen["set_language"],
                theme=chosen["set_theme"],
                workspace=chosen["set_workspace"].strip(),
            )
        )
    except SettingsError as error:
        st.session_state[_ERROR] = error
        return
    st.session_state[_SAVED] = True
    if chosen["set_language"]:
        state.forget("lang")
