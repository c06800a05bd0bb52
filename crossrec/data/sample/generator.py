"""Sample data with a planted truth: four scenarios of which it is known which helps which.

Every user has a taste for the eight topics of a scenario. The tastes of linked scenarios are
correlated as :mod:`crossrec.data.sample.truth` says; all others are independent. What a user takes
follows from the taste, the popularity of the item, and chance.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from crossrec.data.files import InputFiles
from crossrec.data.sample.items import SampleItem, make_items
from crossrec.data.sample.truth import LINKS, SCENARIOS, TOPICS, Link, truth
from crossrec.schema import CATEGORY, ITEM, SCENARIO, TEXT, TIME, TITLE, USER

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 366
PERIODS = (0, 305, 345)
"""First days of the periods: the promotion that ties groceries to music; its end; its reversal."""

OPENING_DAY = 150
"""Of groceries, in the pilot region; everywhere else they open with the second period."""

PILOT = "north"
PILOT_ROWS = {"early": (14, 18), "late": (6, 9)}
"""Fewest and most grocery rows of a user of the pilot region, before and after the promotion."""

PER_TOPIC = {"films": 28, "books": 26, "music": 20, "groceries": 22}
PRESENT = {"films": 0.92, "books": 0.85, "music": 0.85, "groceries": 0.85}
ROWS = {"films": (7, 13), "books": (8, 14), "music": (6, 10), "groceries": (3, 6)}
"""Fewest and most rows of a user; guests have half as many films and books as members."""

SHARPNESS = {"films": 2.0, "books": 2.0, "music": 2.0, "groceries": 4.0}
"""How much a user prefers what suits the taste (logit per standard deviation)."""

LONG_TAIL = {"films": 0.6, "books": 0.6, "music": 0.6, "groceries": 0.3}
"""Standard deviation of an item's log popularity."""

MEMBERS = 0.7
AGES = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
REGIONS = ("north", "south", "east", "west")
REGION_SHARES = (0.24, 0.28, 0.28, 0.2)


@dataclass(frozen=True)
class _Users:
    """Profiles and tastes of m users."""

    member: np.ndarray  # (m,) bool
    age: np.ndarray
    region: np.ndarray
    taste: dict[str, np.ndarray]  # scenario -> (periods, m, TOPICS)


def generate_sample(out: Path, seed: int = 7, *, users: int = 2400) -> InputFiles:
    """Write ``interactions.csv``, ``items.csv``, ``users.csv``, ``truth.json`` and ``README.md``.

    The same seed gives the same bytes.

    Args:
        out: folder, made if missing.
        seed: of everything random.
        users: how many.
    """
    rng = np.random.default_rng(seed)
    items = make_items(rng, PER_TOPIC)
    people = _make_users(rng, users)
    rows = [row for scenario in SCENARIOS for row in _rows(rng, people, items, scenario)]
    rows.sort(key=lambda row: (row[3], row[0], row[1]))

    out.mkdir(parents=True, exist_ok=True)
    files = InputFiles(out / "interactions.csv", out / "items.csv", out / "users.csv")
    _write(files.interactions, (USER, ITEM, SCENARIO, TIME), rows)
    _write(
        files.items,
        (ITEM, SCENARIO, TITLE, TEXT, CATEGORY),
        ((item.item_id, item.scenario, item.title, item.text, item.category) for item in items),
    )
    plan = np.where(people.member, "member", "guest")
    names = [_user_id(number) for number in range(users)]
    profiles = zip(names, people.age, people.region, plan, strict=True)
    _write(files.users, (USER, "age_band", "region", "plan"), profiles)
    end, flip = ((START + timedelta(days=day)).date().isoformat() for day in PERIODS[1:])
    facts = json.dumps(truth(seed, end, flip), indent=2, ensure_ascii=False)
    _write_text(out / "truth.json", facts + "\n")
    _write_text(out / "README.md", _README.format(seed=seed, users=users, end=end, flip=flip))
    return files


def _make_users(rng: np.random.Generator, count: int) -> _Users:
    member = rng.random(count) < MEMBERS
    age, region = rng.choice(AGES, count), rng.choice(REGIONS, count, p=REGION_SHARES)
    taste = {
        name: np.stack([rng.standard_normal((count, TOPICS))] * len(PERIODS)) for name in SCENARIOS
    }
    everybody = np.ones(count, dtype=bool)
    for link in LINKS:
        holds = member if link.segment and link.segment[0] == "plan" else everybody
        source, own = taste[link.first], taste[link.second]
        taste[link.second] = np.stack(
            [_linked(source[at], own[at], link, rho, holds) for at, rho in enumerate(link.rho)]
        )
    return _Users(member, age, region, taste)


def _linked(
    source: np.ndarray, own: np.ndarray, link: Link, rho: float, holds: np.ndarray
) -> np.ndarray:
    """``own`` where unlinked, else ``rho * source + sqrt(1 - rho^2) * own``: variance stays 1."""
    topics = list(link.topics)
    mixed = own.copy()
    mixed[:, topics] = rho * source[:, topics] + np.sqrt(1 - rho**2) * own[:, topics]
    return np.where(holds[:, None], mixed, own)


def _rows(
    rng: np.random.Generator, people: _Users, items: Sequence[SampleItem], scenario: str
) -> Iterable[tuple[str, str, str, str]]:
    """What every user takes in one scenario: no item twice, the best liked first."""
    mine = [item for item in items if item.scenario == scenario]
    topic = np.array([item.topic for item in mine])
    popular = LONG_TAIL[scenario] * rng.standard_normal(len(mine))
    for user in range(len(people.member)):
        present = rng.random() < PRESENT[scenario]
        days = np.sort(_days(rng, people, scenario, user))
        minutes = days * 1440 + rng.integers(7 * 60, 24 * 60, len(days))
        chance = rng.gumbel(size=(len(PERIODS), len(mine)))
        if not present:
            continue
        period = np.searchsorted(PERIODS, days, side="right") - 1
        taken: list[int] = []
        for at, taste in enumerate(people.taste[scenario]):
            wish = SHARPNESS[scenario] * taste[user][topic] + popular + chance[at]
            wish[taken] = -np.inf
            taken += np.argsort(-wish, kind="stable")[: (period == at).sum()].tolist()
        for item, minute in zip(taken, minutes, strict=True):
            time = START + timedelta(minutes=int(minute))
            yield _user_id(user), mine[item].item_id, scenario, time.strftime("%Y-%m-%d %H:%M")


def _days(rng: np.random.Generator, people: _Users, scenario: str, user: int) -> np.ndarray:
    """Days of the year of one user's rows, shape (number of rows,)."""
    count = _between(rng, ROWS[scenario])
    if scenario != "groceries":
        guest = scenario in ("films", "books") and not people.member[user]
        return rng.integers(0, DAYS, count // 2 if guest else count)
    early, late = (_between(rng, PILOT_ROWS[name]) for name in ("early", "late"))
    if people.region[user] != PILOT:
        early, late = 0, count
    growing = np.sqrt(rng.random(late))  # more every day
    return np.concatenate(
        [
            rng.integers(OPENING_DAY, PERIODS[1], early),
            PERIODS[1] + (growing * (DAYS - PERIODS[1])).astype(np.int64),
        ]
    )


def _between(rng: np.random.Generator, limits: tuple[int, int]) -> int:
    return int(rng.integers(limits[0], limits[1] + 1))


def _user_id(number: int) -> str:
    return f"u{number + 1:04d}"


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)


_README = """\
# Sample data

Made up: no row describes a real person, film or product. {users:,} users, the scenarios films,
books, music and groceries, and the year 2024. Some items have Chinese titles. Everything here is
written by `crossrec sample` (seed {seed}) and dedicated to the public domain (CC0 1.0).

| file | what is in it |
|---|---|
| `interactions.csv` | user_id, item_id, scenario, timestamp |
| `items.csv` | item_id, scenario, title, text, category |
| `users.csv` | user_id, age_band, region, plan |
| `truth.json` | what was planted: per ordered pair of scenarios a verdict, its strength, for whom |

## What is planted

Every user has a taste for eight topics in each scenario. The tastes are independent, except:

- **films and books** help each other strongly: members read about what they watch. For guests
  there is no relation.
- **books and music** help each other weakly: three topics go together.
- **music harms groceries**: in the pilot region (north) a promotion tied groceries to music. It
  ended on {end}, when groceries opened everywhere, and on {flip} the opposite began.
  What can be learnt from the months before is wrong afterwards, and a model that cannot close
  this source serves people worse.

`strength` is the correlation of the tastes in two scenarios over all topics, for the users of the
segment, after {flip}. `clear` says whether cold-start users of the segment show the verdict
when the source is switched on for all of them (splits with seeds 0 to 2 together; under one
alone music to groceries may not be told from chance); groceries as a source of music is too weak
for that. Topics are linked by their order in the vocabulary,
`crossrec/data/sample/words.toml`: space with science fiction, gardening with ambient, and so on.
"""
