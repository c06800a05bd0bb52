"""The server of the app: ``python -m crossrec.ui.server run app.py``.

Streamlit's own command, told before the first visit that pages are those of app.py: it would take
the folder "pages" for an app of the old kind until app.py has run once.
"""

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    main(prog_name="streamlit")
