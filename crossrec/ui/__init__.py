"""What pages share: wording, session state, widgets and number formats.

Only this package, ``pages`` and ``app.py`` know Streamlit.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState


def _runs_alone() -> bool:
    """Whether Streamlit runs a page at this moment, and took the pages from the folder itself.

    Then its list of pages names app.py, too; on the visit's next run that list is still there, but
    what runs is app.py.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return False
    if ThreadState.get().active_script_hash == context.pages_manager.main_script_hash:
        return False
    main = str(context.pages_manager.main_script_path)
    pages = context.pages_manager.get_pages().values()
    return any(str(page["script_path"]) == main for page in pages)


if PagesManager.uses_pages_directory or _runs_alone():
    # Streamlit takes a folder named "pages" for an app of the old kind until ``st.navigation`` has
    # run once: when the first visit to a server is a link to a page, it would run that page alone,
    # without app.py. This runs with the first import, and starts that visit again. The import has
    # then failed, so that of a second visit at the same moment comes here, too.
    PagesManager.uses_pages_directory = False
    st.rerun()
