"""Several encoders on the items of one run, judged by the neighbours they find."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crossrec.language import USUAL, TextTemplate, label_of
from crossrec.language import compare_encoders as compare
from crossrec.progress import Progress, silent
from crossrec.workspace import Run


def compare_encoders(
    run: Path,
    encoders: Sequence[str],
    *,
    label: str = "",
    columns: Sequence[str] = USUAL,
    whole: bool = False,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Compare encoders on a run's catalogue; what they read stays in the cache.

    Args:
        run: the run's folder.
        encoders: names, the first is what the others are compared with.
        label: what belongs together; default the category, else the scenario.
        columns: what makes up a text.
        whole: read long texts whole.
        progress: phase "features".

    Returns:
        Plain values: ``label``, and ``encoders`` as of
        :class:`~crossrec.language.quality.NeighbourQuality`.

    Raises:
        DataError: there is too little to judge by.
        ModelMissing: an encoder is not on this machine.
        EndpointFailed: a model server does not answer.
    """
    catalog = Run(run).catalog()
    label = label or label_of(catalog)
    template = TextTemplate(tuple(columns), whole)
    found = compare(catalog, encoders, label=label, template=template, progress=progress)
    return {"label": label, "encoders": [one.to_json() for one in found]}
