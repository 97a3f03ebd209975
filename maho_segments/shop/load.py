"""Fills the raw tables from a folder of CSV files, all of them or none."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from maho_segments.errors import ShopError
from maho_segments.shop.csv_files import (
    ENDINGS,
    FilePosition,
    ShopFile,
    read_chunks,
    read_shop_file,
    table_name,
)
from maho_segments.shop.progress import ShopProgress, ShowProgress, show_nothing
from maho_segments.shop.replacement import RAW_SCHEMA, ShopReplacement, replacing_shop
from maho_segments.shop.tables import Table, shop_tables

# Settings that say how the tables are to be read; all others may be secrets and stay out.
CONFIG_PATHS: Final = (
    "general/locale/timezone",
    "general/locale/code",
    "currency/options/base",
    "currency/options/default",
    "customer/account_share/scope",
    "catalog/price/scope",
    "checkout/cart/delete_quote_after",
    "system/log/clean_after_day",
)
# Attributes of customers whose values are secrets; their rows stay out.
SECRET_ATTRIBUTES: Final = ("password_hash", "rp_token", "rp_customer_id", "confirmation", "twofa_secret")

_ATTRIBUTES: Final = "eav_attribute"
_CONFIG: Final = "core_config_data"
_CONTEXT = re.compile(
    r"COPY \S+, line (?P<line>\d+)(?:, column (?P<column>\w+)(?:: (?P<found>.*))?)?", re.DOTALL
)
_UNCHANGED: Final = (
    "The old shop is as it was. Correct the file or export the table again, then load once more."
)
_KINDS: Final = {
    "bigint": "a whole number",
    "integer": "a whole number",
    "numeric": "a number with a decimal point, as in 19.95",
    "timestamp": "a time in UTC, as in 2026-01-31 13:45:00",
    "date": "a day, as in 2026-01-31",
    "text": "text in UTF-8",
}


@dataclass(frozen=True)
class LoadedTable:
    """What became of one table: its rows, and which columns its file lacked or had too many."""

    table: Table
    rows: int
    file: ShopFile | None

    @property
    def missing_words(self) -> list[tuple[str, str]]:
        """Columns that the file does not have, each with the word of the segment language it would feed."""
        missing = set(self.file.missing) if self.file else set()
        return [pair for pair in self.table.feeds if pair[0] in missing]


@dataclass(frozen=True)
class LoadReport:
    """What a load found in the folder and put into the raw tables."""

    folder: Path
    tables: tuple[LoadedTable, ...]
    ignored_files: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows were loaded."""
        return sum(loaded.rows for loaded in self.tables)

    @property
    def missing_tables(self) -> list[Table]:
        """The tables that the shop does not have; they are empty."""
        return [loaded.table for loaded in self.tables if loaded.file is None]

    def notes(self) -> Iterator[str]:
        """What a person should know, a line each: what is missing, what stops working, what was left out."""
        lost: dict[str, list[str]] = {}
        for table in self.missing_tables:
            if not table.without.startswith("nothing"):
                lost.setdefault(table.without, []).append(table.name)
        for without, names in lost.items():
            yield f"no {', '.join(names)}: {without}"
        for loaded in self.tables:
            if loaded.missing_words:
                columns = dict.fromkeys(column for column, _ in loaded.missing_words)
                words = [word for _, word in loaded.missing_words]
                yield f"no {', '.join(columns)} in {loaded.table.name}: nothing in {', '.join(words)}"
            if (file := loaded.file) and file.secret:
                yield f"{file.path.name}: {', '.join(file.secret)} not loaded, as secrets never are"
            if file and file.ignored:
                yield f"{file.path.name}: {', '.join(file.ignored)} not known, left out"
        for name in self.ignored_files:
            yield f"{name} is no table that this program reads, left out{_nearest(name)}"


def load_folder(
    connection: psycopg.Connection,
    folder: Path,
    *,
    schema: str = RAW_SCHEMA,
    progress: ShowProgress = show_nothing,
) -> LoadReport:
    """Replaces the shop in the raw schema by the CSV files of a folder and says what it found.

    One transaction: after any error the old shop is as it was. Raises ShopError for a folder without a shop,
    for a file that can't be read, and for the first value that a column can't hold, with its place.
    """
    files, ignored = find_files(folder)
    loaded: dict[str, LoadedTable] = {}
    with replacing_shop(connection, schema=schema, progress=progress) as replacement:
        # Attributes come first: they tell which values of customers are secrets.
        for name in sorted(shop_tables(), key=lambda name: name != _ATTRIBUTES):
            table, file = shop_tables()[name], files.get(name)
            rows = _copy_file(replacement, file, progress) if file else 0
            loaded[name] = LoadedTable(table, rows, file)
    return LoadReport(folder, tuple(loaded[name] for name in shop_tables()), tuple(ignored))


def find_files(folder: Path) -> tuple[dict[str, ShopFile], list[str]]:
    """The files of a folder by table, their headers checked, and the names of CSV files of no table.

    Raises ShopError, with all problems at once, when something is missing, double or wrong in a header.
    """
    if not folder.is_dir():
        raise ShopError(
            f"{folder} is not a folder.", "Give a folder with a CSV file for each table of the shop."
        )
    paths: dict[str, Path] = {}
    ignored: list[str] = []
    problems: list[str] = []
    for path in sorted(folder.iterdir()):
        name = table_name(path)
        if name is None or path.is_dir():
            continue
        if name not in shop_tables():
            ignored.append(path.name)
        elif name in paths:
            problems.append(f"{paths[name].name} and {path.name} are the same table: keep one of them.")
        else:
            paths[name] = path
    problems.extend(_missing_files(paths, ignored))
    files: dict[str, ShopFile] = {}
    for name, path in paths.items():
        try:
            files[name] = read_shop_file(path, shop_tables()[name])
        except ShopError as error:
            problems.append(" ".join(filter(None, [error.message, error.hint])))
    if problems:
        raise ShopError("\n".join([f"{folder} can't be loaded:", *problems]), "Nothing was loaded.")
    return files, ignored


def _missing_files(paths: Mapping[str, Path], ignored: list[str]) -> Iterator[str]:
    endings = " or ".join(ENDINGS)
    for table in shop_tables().values():
        if table.is_required and table.name not in paths:
            similar = difflib.get_close_matches(
                table.name, [name.split(".", maxsplit=1)[0] for name in ignored], 1, 0.75
            )
            found = f"; {similar[0]} has to be named so" if similar else ""
            yield f"There is no {table.name}, a file of that name with the ending {endings}{found}."
    # Without the attributes' codes a password can't be told from a name.
    if _ATTRIBUTES not in paths and any(name.startswith("customer_entity_") for name in paths):
        yield f"There is no {_ATTRIBUTES}: it says which values of customers are names and which passwords."


def _copy_file(replacement: ShopReplacement, file: ShopFile, progress: ShowProgress) -> int:
    position = FilePosition()

    def chunks() -> Iterator[bytes]:
        for chunk in read_chunks(file, position):
            yield chunk
            progress(ShopProgress(file.table.name, position.done, position.total, "bytes"))

    try:
        only = _rows_to_load(replacement, file.table)
        return replacement.copy(file.table, file.loaded, chunks(), only=only)
    except psycopg.DataError as error:
        raise _bad_value(file, error) from None
    except psycopg.errors.NotNullViolation as error:
        raise _bad_value(file, error) from None


def _rows_to_load(replacement: ShopReplacement, table: Table) -> sql.Composable | None:
    if table.name == _CONFIG:
        return sql.SQL("path = any({})").format(sql.Literal(list(CONFIG_PATHS)))
    if table.name.startswith("customer_entity_"):
        secret = replacement.numbers(
            "select attribute_id from {schema}.eav_attribute where attribute_code = any(%s)",
            list(SECRET_ATTRIBUTES),
        )
        return sql.SQL("attribute_id <> all({}::integer[])").format(sql.Literal(secret))
    return None


def _bad_value(file: ShopFile, error: psycopg.Error) -> ShopError:
    context = _CONTEXT.search(error.diag.context or "")
    place = f"{file.path.name}, line {context['line']}" if context else file.path.name
    message = error.diag.message_primary or str(error)
    # Rows of the wrong width are told by what PostgreSQL says of them, values by what they should be.
    name = error.diag.column_name or (context["column"] if context and context["found"] else None)
    column = file.table.column(name) if name else None
    if column and error.diag.column_name:
        what = f", column {column.name}: nothing found, but a row's key can't be empty."
    elif column and context:
        what = f", column {column.name}: found {context['found']}, not {_KINDS[column.type]}."
    else:
        what = f": {message}."
    return ShopError(place + what, _UNCHANGED)


def _nearest(file_name: str) -> str:
    name = file_name.split(".", maxsplit=1)[0]
    ending = [known for known in shop_tables() if name.endswith("_" + known)]
    similar = ending or difflib.get_close_matches(name, shop_tables(), 1, 0.85)
    return f"; name it {similar[0]} if it is that table" if similar else ""
