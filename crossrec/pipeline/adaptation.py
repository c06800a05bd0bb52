"""Adapting an encoder to a run's data: a verb with live curves and an honest before and after."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import ModelMissing
from crossrec.evaluation import VERDICTS
from crossrec.evaluation.adapted import Quality, compare_encoders
from crossrec.language import AUTO, choose_encoder, extract_features, item_texts, load_encoder
from crossrec.language.adaptation import AdaptConfig, co_interactions, train
from crossrec.language.adaptation.training import Point, Trained
from crossrec.language.adapted import ABOUT, base_mark, base_name
from crossrec.language.reading import chosen_encoder
from crossrec.language.transformer import TransformersEncoder
from crossrec.progress import Progress, silent, stretch
from crossrec.workspace import Run, staged_folder, write_json

CURVE = "curve.json"
QUALITY = "quality.json"


def adapt(
    run: Path, out: Path, config: AdaptConfig | None = None, *, progress: Progress = silent
) -> dict[str, Any]:
    """Adapt an encoder to a run's catalogue and training rows, and measure what it changed.

    Args:
        run: a finished run; validation rows judge the encoder before and after, test rows are
            never read.
        out: the adapter's folder; it appears when everything is done. Give it wherever an encoder
            is asked for.
        config: what to do.
        progress: phases "features", "train" and "evaluate".

    Returns:
        ``adapter``, its ``bytes``, the ``quality`` before and after by pair of scenarios, and how
        many pairs it helps and hurts or leaves open, by verdict.

    Raises:
        ModelMissing: the encoder is not on this machine, or is none that can be adapted.
        TrainingFailed: there is nothing to learn from, or the loss is no number.
        WorkspaceError: ``out`` cannot be written.
    """
    config = config or AdaptConfig()
    opened = Run(run)
    split, catalog = opened.split(), opened.catalog()
    texts = item_texts(catalog)
    base = _base(config, texts, progress)
    before = extract_features(
        catalog, encoder=base, threads=base.threads, progress=stretch(progress, 0.0, 1.0)
    )
    spoken = _texts_of(split, dict(zip(catalog.items.ids.tolist(), texts, strict=True)))
    live = live_curve(out)

    def told(curve: Sequence[Point]) -> None:
        write_json(live, list(curve))

    try:
        trained = train(base, spoken, _pairs(split, config), config, progress=progress, told=told)
        with staged_folder(out, replace=True) as folder:
            save_adapter(folder, base, trained, config)
            adapted = chosen_encoder(str(folder), texts, base.threads)
            after = extract_features(
                catalog, encoder=adapted, cache=False, progress=_as_evaluation(progress)
            )
            quality = compare_encoders(split, before, after, seed=config.seed)
            write_json(folder / QUALITY, [each.to_dict() for each in quality])
    finally:
        live.unlink(missing_ok=True)
    size = sum(path.stat().st_size for path in Path(out).iterdir())
    verdicts = [each.judgement.verdict for each in quality]
    return {
        "adapter": str(out),
        "bytes": size,
        "quality": [each.to_dict() for each in quality],
        **{verdict: verdicts.count(verdict) for verdict in VERDICTS},
    }


def save_adapter(
    folder: Path, base: TransformersEncoder, trained: Trained, config: AdaptConfig
) -> None:
    """Write an adapter: LoRA weights alone, or, where all weights changed, a whole encoder."""
    trained.network.save_pretrained(str(folder))
    if config.method == "full":
        base.tokenizer.save_pretrained(str(folder))
    # peft leaves a README template for a hub; it says nothing.
    (folder / "README.md").unlink(missing_ok=True)
    about = {
        "base": base_name(base),
        "base_revision": base_mark(base),
        "config": asdict(config),
        "pooling": base.pooling,
        "prefix": base.prefix,
    }
    write_json(folder / ABOUT, about)
    write_json(folder / CURVE, trained.curve)


def live_curve(out: Path) -> Path:
    """Where the curve stands while an adaptation into ``out`` is trained."""
    out = Path(out)
    return out.with_name(f".{out.name}.{CURVE}")


def curve_of(out: Path) -> list[Point]:
    """The curve of an adaptation, finished or in training; [] before its first point."""
    for path in (Path(out) / CURVE, live_curve(out)):
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8"))
    return []


def quality_of(out: Path) -> list[Quality]:
    """What an adaptation changed, by pair of scenarios; [] if it is not finished."""
    path = Path(out) / QUALITY
    if not path.is_file():
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [Quality(**row) for row in rows if "p_holm" in row]  # older ones allow no verdict


def _base(config: AdaptConfig, texts: Sequence[str], progress: Progress) -> TransformersEncoder:
    name = choose_encoder(texts) if config.encoder == AUTO else config.encoder
    base = load_encoder(name, threads=config.threads or None, progress=progress)
    if type(base) is not TransformersEncoder:
        raise ModelMissing(
            "expected an encoder whose weights are here and that reads both ways",
            repr(name),
            "Adapt a bundled encoder or a local folder with a BERT-like model",
        )
    return base


def _texts_of(split: ScenarioSplit, known: dict[str, str]) -> list[str]:
    """The text of every item by its code in the log, "" where the catalogue has none."""
    return [known.get(item, "") for item in split.train.items.ids.tolist()]


def _pairs(split: ScenarioSplit, config: AdaptConfig) -> Any:
    if config.objective == "none":
        return None
    return co_interactions(split.train, config.pairs, across=config.across, seed=config.seed)


def _as_evaluation(progress: Progress) -> Progress:
    def told(phase: str, done: float, total: float, note: str = "") -> None:
        del phase
        progress("evaluate", done, total, note)

    return told
