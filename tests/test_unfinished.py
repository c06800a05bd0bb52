"""How long what a stopped run has finished is kept."""

import os
import time

from crossrec.workspace.unfinished import RESUME_DAYS, forget_unfinished, resume_folder


def test_a_stopped_run_that_nobody_took_up_is_forgotten(tmp_path):
    old, young, mine = (resume_folder(tmp_path / name) for name in ("old", "young", "mine"))
    for folder in (old, young, mine):
        folder.mkdir()
    long_ago = time.time() - (RESUME_DAYS + 1) * 24 * 3600
    for folder in (old, mine):
        os.utime(folder, (long_ago, long_ago))
    forget_unfinished(tmp_path / "mine")
    assert not old.exists()
    assert young.exists()
    assert mine.exists()
