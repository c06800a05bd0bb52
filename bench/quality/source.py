"""Which code a result rests on, and a hash of it that comments and layout do not change."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from bench.quality.sets import ROOT

PRODUCT = "crossrec"


def code_hash(paths: Iterable[Path]) -> str:
    """Hex sha256 over Python code without comments, docstrings and layout."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0" + _code(path).encode())
    return digest.hexdigest()


def with_imports(paths: Iterable[Path]) -> set[Path]:
    """These files and all files of the product that they import, directly or not.

    A package's ``__init__`` is not followed: it names more than is used.
    """
    found: set[Path] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path)
    return found


@cache
def _imported(path: Path) -> tuple[Path, ...]:
    modules = set(_modules(ast.parse(path.read_text(encoding="utf-8"))))
    files = (ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in modules)
    return tuple(sorted(file for file in files if file.exists()))


def _modules(tree: ast.AST) -> Iterator[str]:
    """Names of modules of the product that are imported, and names that may be modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == PRODUCT)


@cache
def _code(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [
                part
                for part in node.body
                if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
            ] or [ast.Pass()]
    return ast.unparse(tree)
