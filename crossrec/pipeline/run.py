"""A whole run: files -> audit -> split -> features -> models -> evaluation -> map -> a folder."""

import shutil
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from crossrec.data.audit.rules import AuditReport
from crossrec.data.log import InteractionLog
from crossrec.data.profiles import LEAST_USERS, with_profiles
from crossrec.data.seen import SEEN, Seen, rules
from crossrec.data.split.cutting import ScenarioSplit, no_holdout, split
from crossrec.data.wording import Amount
from crossrec.errors import DataError, SplitError
from crossrec.evaluation import Note, RunReport, compare, without_small_groups
from crossrec.evaluation.results import COEFFICIENT_COLUMNS, PER_USER_COLUMNS, REPORT_COLUMNS
from crossrec.intake import (
    RunInputs,
    Tables,
    input_hashes,
    pseudonym_key,
    read_inputs,
    write_tables,
)
from crossrec.language import USUAL, TextTemplate
from crossrec.language.table import FeatureTable
from crossrec.pipeline.heard import with_feedback
from crossrec.pipeline.items import read_items, took_attributes, without_attributes
from crossrec.pipeline.models import asked_baselines, keep_judged
from crossrec.pipeline.notes import attributes_note, run_notes
from crossrec.progress import Progress, silent
from crossrec.schema import NO_ATTRIBUTES
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.lineup import asked
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import Recommender
from crossrec.workspace import RunWriter, staged_folder
from crossrec.workspace.feedback import data_set_of
from crossrec.workspace.unfinished import forget_unfinished, resume_folder

JUDGED_USERS = 4_000
"""Test users per scenario that are judged at most: more change an interval by little."""

MAX_SCENARIOS = 30
"""Pairs grow with the square of it."""


@dataclass(frozen=True)
class RunConfig:
    """What a run shall do.

    Attributes:
        seed: of everything random.
        encoder: any name that :func:`~crossrec.language.extract.extract_features` takes.
        columns: of the catalogue that make up an item's text, in order.
        whole: read long texts whole, in chunks, instead of cutting them.
        dim: principal components of the vectors to keep; None keeps the vectors as they are.
        attributes: read what the items are about and offer it to the model as C(j): "auto" for a
            vocabulary proposed from the catalogue, or a vocabulary's JSON file; "" for none. Where
            validation rows ask for it, the model is fitted and judged without it, too.
        scenario_texts: descriptions of the scenarios, kept with the run for its readers: "auto" to
            write them from the catalogue, or a JSON file of scenario and text; "" for none.
        holdout: False trains on everything and judges nothing.
        seen: whether lists leave seen items out; None lets the audit decide in each scenario
            (:mod:`crossrec.data.seen`). A run is judged both ways.
        k: main list length of the evaluation.
        profiles: take the users' profiles as one more source scenario
            (:mod:`crossrec.data.profiles`).
        new_items: how loud items nobody used are in lists, times what validation users chose.
        baselines: to judge beside transfer and without transfer, and to keep: names of
            :data:`~crossrec.transfer.lineup.LINEUP` with commas between, "few" or "all"; "" for
            the usual ones.
    """

    seed: int = 0
    encoder: str = "auto"
    holdout: bool = True
    k: int = 10
    columns: tuple[str, ...] = USUAL
    whole: bool = False
    dim: int | None = None
    attributes: str = ""
    scenario_texts: str = ""
    new_items: float = 1.0
    baselines: str = ""
    seen: Seen | None = None
    profiles: bool = False

    def __post_init__(self) -> None:
        if self.seen not in (None, *SEEN):
            raise DataError(f"expected seen to be {' or '.join(SEEN)}", repr(self.seen))
        if self.k < 1:
            raise DataError("expected a list length k of at least 1", str(self.k))
        if not 0 <= self.new_items < float("inf"):
            raise DataError("expected a number from 0 for new items", str(self.new_items))
        asked(self.baselines)  # a wrong name shows before hours of training
        if self.baselines and not self.holdout:
            raise DataError(
                "expected rows held out to judge other models by",
                "a run on all rows",
                "Leave the models out: one is fitted when it is asked for by name",
            )


def run(
    inputs: RunInputs,
    out: Path,
    config: RunConfig | None = None,
    *,
    feedback: Path | None = None,
    progress: Progress = silent,
) -> Path:
    """Import, audit, split, read the items, train, judge, draw the map, and write it all.

    Args:
        inputs: the files.
        out: the run's folder; it appears when everything is done. An older run there is replaced.
            After a kill, a second call with the same files and settings goes on from the last
            finished stage of training, which a hidden folder beside ``out`` keeps until then.
        config: what to do; default :class:`RunConfig`.
        feedback: CSV of what people said of recommendations, as ``crossrec feedback export
            --events`` writes it: a like is an interaction, a no takes one away.
        progress: told of every phase of :data:`crossrec.progress.PHASES`.

    Returns:
        ``out``.

    Raises:
        DataError: a file cannot be used, there are too many scenarios, the audit has a blocker
            about all of them or about each, or a model needs text and no item has any.
        SplitError: fewer than two scenarios, or too few rows to hold any out.
        ModelMissing: the encoder is not installed.
        TrainingFailed: nothing could be learnt.
        WorkspaceError: ``out`` cannot be written.
    """
    config = config or RunConfig()
    clock = _Clock()
    forget_unfinished(out)
    with staged_folder(out, replace=True) as folder:
        writer = RunWriter(folder)
        with clock("import"):
            tables = read_inputs(inputs, progress=progress)
        _check(tables, judged=config.holdout)
        with clock("split"):
            progress("split", 0, 1)
            parts = _split(tables, config)
            if feedback is not None:
                tables, parts = with_feedback(
                    tables, parts, feedback, pseudonym_key(inputs),
                    data=data_set_of(input_hashes(inputs)),
                )  # fmt: skip
            progress("split", 1, 1)
        with clock("features"):
            read = read_items(
                tables.catalog,
                parts,
                encoder=config.encoder,
                template=TextTemplate(config.columns, config.whole),
                dim=config.dim,
                attributes=config.attributes,
                scenario_texts=config.scenario_texts,
                seed=config.seed,
                progress=progress,
            )
            features = read.features
            writer.features(features)
            rivals = _rivals(features, config)  # refused, if so, before hours of training
        log, parts = (
            _with_profiles(tables, parts, inputs) if config.profiles else (tables.log, parts)
        )
        write_tables(writer, replace(tables, log=log))
        writer.split(parts)
        with clock("train"):
            model = TransferModel(TransferConfig(seed=config.seed, new_items=config.new_items))
            writer.model_folder.mkdir(parents=True, exist_ok=True)
            model.fit(parts, features, progress=progress, checkpoint=resume_folder(out))
            model.save(writer.model_folder)
        seen = rules(
            parts.space.scenarios.ids[list(parts.space.targets)], tables.audit.seen, config.seen
        )
        with clock("evaluate"):
            report = _judge(folder, parts, features, model, rivals, config, seen, progress)
            if inputs.privacy is not None:
                report = without_small_groups(report, inputs.privacy.least)
        with clock("map"):
            from crossrec.projection import project_run  # its libraries are heavy

            items, users, map_info = project_run(
                parts.space,
                parts.histories(),
                features,
                catalog=tables.catalog,
                seed=config.seed,
                progress=progress,
            )
            writer.map(items=items, users=users)
        progress("save", 0, 1)
        settings = {
            **report.config,
            **asdict(config),
            "seen": seen,
            "transfer_config": model.config.to_dict(),
            "chosen": model.fitted_.chosen(),
        }
        notes = (*run_notes(tables.audit, parts, features, seen, config.seen), *report.notes)
        if read.attributes is not None:
            notes = (*notes, attributes_note(took_attributes(model)))
        timings = {**report.timings, **clock.seconds}
        writer.report(replace(report, config=settings, timings=timings, notes=notes))
        record = _record(inputs, config, tables, parts, features, map_info, timings, notes)
        writer.info({**record, "seen": _seen_record(tables, config, seen)})
        read.keep(folder, tables.catalog)
        progress("save", 1, 1)
    shutil.rmtree(resume_folder(out), ignore_errors=True)
    return out


def _with_profiles(
    tables: Tables, parts: ScenarioSplit, inputs: RunInputs
) -> tuple[InteractionLog, ScenarioSplit]:
    if tables.users is None:
        raise DataError(
            "expected a table of users to take profiles from", "none", "Name it with --users"
        )
    least = LEAST_USERS if inputs.privacy is None else max(LEAST_USERS, inputs.privacy.least)
    return with_profiles(tables.log, parts, tables.users, least)


class _Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, phase: str) -> Any:
        started = time.perf_counter()
        yield
        self.seconds[phase] = round(time.perf_counter() - started, 2)


def _check(tables: Tables, *, judged: bool) -> None:
    _check_scenarios(tables.log)
    _check_audit(tables.audit, judged=judged)


def _check_scenarios(log: InteractionLog) -> None:
    names = log.scenarios.ids
    if len(names) < 2:
        raise SplitError(
            "expected at least two scenarios to transfer between",
            f"{len(names)} ({', '.join(names)})",
            "Name the column that tells surfaces, categories or behaviours apart: "
            "--map scenario=COLUMN",
        )
    if len(names) > MAX_SCENARIOS:
        raise DataError(
            f"expected at most {MAX_SCENARIOS} scenarios",
            f"{len(names):,}",
            "Group small scenarios in the file, or name a coarser column: --map scenario=COLUMN",
        )


def _check_audit(found: AuditReport, *, judged: bool) -> None:
    """Refuse what the audit blocks; what is too little to judge by may be trained on and used."""
    if stops := found.stops(1 if judged else 0):
        first = stops[0]
        rules = ", ".join(dict.fromkeys(one.rule for one in stops))
        more = f" (and {Amount(len(stops) - 1):more blocker})" if len(stops) > 1 else ""
        raise DataError(
            f"expected data that the audit does not block ({rules})",
            first.what + more,
            first.action,
        )


def _split(tables: Tables, config: RunConfig) -> ScenarioSplit:
    """The split; what the audit found to give held-out rows away is held out with them."""
    log, catalog, found = tables.log, tables.catalog, tables.audit
    if config.holdout:
        return split(log, catalog=catalog, seed=config.seed, twins=found.twins, nested=found.nested)
    return no_holdout(log, catalog, seed=config.seed, twins=found.twins, nested=found.nested)


def baselines() -> dict[str, Recommender]:
    """What the transfer model is compared with, by the names in the report."""
    # Heavy libraries that nobody needs who only reads runs, as the app does.
    from crossrec.transfer.baselines import ItemKNN, Popularity

    chosen: list[Recommender] = [Popularity(), ItemKNN()]
    return {model.name: model for model in chosen}


def _rivals(features: FeatureTable, config: RunConfig) -> dict[str, Recommender]:
    """The unfitted baselines that are judged beside transfer, by their names in the report."""
    if not config.holdout:
        return {}
    if config.baselines:
        return asked_baselines(config.baselines, features, config.seed)
    return baselines()


def _judge(
    folder: Path,
    parts: ScenarioSplit,
    features: FeatureTable,
    model: TransferModel,
    rivals: Mapping[str, Recommender],
    config: RunConfig,
    seen: Mapping[str, Seen],
    progress: Progress,
) -> RunReport:
    if not config.holdout:
        return RunReport(
            table=pd.DataFrame(columns=list(REPORT_COLUMNS)),
            per_user=pd.DataFrame(columns=list(PER_USER_COLUMNS)),
            coefficients=pd.DataFrame(columns=list(COEFFICIENT_COLUMNS)),
            config={
                "k": config.k,
                "baseline": "",
                "transfer": "",
                "models": [],
                "seen": dict(seen),
            },
            seed=config.seed,
            split_hash=parts.hash,
            notes=(Note("all_rows"),),
        )
    models: dict[str, Recommender] = {"transfer": model, "target only": model.target_only()}
    plain = without_attributes(model, parts, features, progress=progress)
    if plain is not None:
        models[NO_ATTRIBUTES] = plain
    report = compare(
        parts,
        {**models, **rivals},
        features,
        k=config.k,
        max_users=JUDGED_USERS,
        seed=config.seed,
        seen=seen,
        progress=progress,
    )
    keep_judged(folder, rivals)
    return report


def _seen_record(tables: Tables, config: RunConfig, seen: Mapping[str, Seen]) -> dict[str, Any]:
    """What was asked for, what lists do, and how often users come back to an item."""
    told = [one.to_json() for one in tables.audit.seen]
    return {"asked": config.seen, "lists": dict(seen), "scenarios": told}


def _record(
    inputs: RunInputs,
    config: RunConfig,
    tables: Tables,
    parts: ScenarioSplit,
    features: FeatureTable,
    map_info: Mapping[str, Any],
    timings: Mapping[str, float],
    notes: tuple[Note, ...],
) -> dict[str, Any]:
    """What ``run.json`` holds."""
    log = tables.log
    return {
        "crossrec_version": version("crossrec"),
        "config": asdict(config),
        "seed": config.seed,
        "inputs": input_hashes(inputs),
        "mapping": dict(inputs.mapping),
        **tables.treatment,
        "split": {
            "hash": parts.hash,
            "kind": parts.kind,
            "cuts": list(parts.cuts),
            "dropped": dict(parts.dropped),
        },
        "scenarios": [str(log.scenarios.ids[target]) for target in parts.space.targets],
        "counts": {
            "interactions": len(log),
            "users": len(log.users),
            "items": parts.space.offered,
            "rejected": log.rejects.rejected,
            "duplicates": log.rejects.duplicates,
            "train": len(parts.train),
            "valid": len(parts.valid),
            "test": len(parts.test),
        },
        "features": {
            "encoder": features.encoder,
            "revision": features.revision,
            "dim": features.dim,
            "fingerprint": features.fingerprint,
        },
        "map": dict(map_info),
        "timings": dict(timings),
        "notes": [note.to_json() for note in notes],
    }
