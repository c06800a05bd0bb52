"""What pages share: wording, session state, widgets and number formats.

Only this package, ``pages`` and ``app.py`` know Streamlit.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

if PagesManager.uses_pages_directory:
    # Streamlit takes a folder named "pages" for an app of the old kind until ``st.navigation`` has
    # run once: when the first visit to a server is a link to a page, it would run that page alone,
    # without app.py. This runs with the first import, and starts that visit again.
    PagesManager.uses_pages_directory = False
    st.rerun()
