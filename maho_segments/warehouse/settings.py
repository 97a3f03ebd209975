"""Which warehouse is meant: read from the environment, with dbt's own names, before anything is connected."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode

from maho_segments.errors import WarehouseError

EMBEDDED_USER = "segments"
EMBEDDED_DATABASE = "segments"
EMBEDDED_READER = "segments_reader"
DEFAULT_PORT = 5432
DEFAULT_SCHEMA = "segments"

# dbt appends `_relations` and the like, and PostgreSQL cuts names after 63 bytes.
_SCHEMA_PATTERN = re.compile(r"[a-z_][a-z0-9_]{0,47}")


@dataclass(frozen=True)
class ConnectionSettings:
    """How to reach the warehouse. `host` is a name, an address, or the folder of a socket."""

    target: Literal["embedded", "server"]
    host: str
    port: int
    user: str
    password: str
    dbname: str
    schema: str

    def uri(self, *, with_password: bool = False) -> str:
        """The address as libpq, psql and SQLAlchemy understand it."""
        user = quote(self.user, safe="")
        if with_password and self.password:
            user += f":{quote(self.password, safe='')}"
        database = quote(self.dbname, safe="")
        if self.host.startswith("/"):
            query = {"host": self.host, "port": self.port}
            return f"postgresql://{user}@/{database}?{urlencode(query, quote_via=quote, safe='')}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"postgresql://{user}@{host}:{self.port}/{database}"

    def psycopg_kwargs(self) -> dict[str, Any]:
        """The arguments of psycopg.connect()."""
        arguments: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "dbname": self.dbname,
        }
        if self.password:
            arguments["password"] = self.password
        return arguments

    def environ(self) -> dict[str, str]:
        """Environment variables for dbt, psql and our own command line as subprocesses.

        To be laid over the present environment: what must not be inherited is set to nothing.
        """
        libpq = {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.dbname,
        }
        if self.target == "embedded":
            dbt = {"DBT_HOST": "", "SEGMENTS_WAREHOUSE_SOCKET": self.host}
        else:
            dbt = {
                "DBT_HOST": self.host,
                "DBT_PORT": str(self.port),
                "DBT_USER": self.user,
                "DBT_PASSWORD": self.password,
            }
        return {**libpq, **dbt, "DBT_DBNAME": self.dbname, "DBT_SCHEMA": self.schema}


def read_settings(project_dir: Path, environ: Mapping[str, str]) -> ConnectionSettings:
    """The warehouse that the environment names: the server of DBT_HOST, else the project's embedded one.

    Connects to nothing. Raises WarehouseError when a variable is missing or makes no sense.
    """
    schema = environ.get("DBT_SCHEMA") or DEFAULT_SCHEMA
    if not _SCHEMA_PATTERN.fullmatch(schema):
        raise WarehouseError(
            f"DBT_SCHEMA is {schema!r}, which can't be the name of the schema.",
            "Allowed: lower-case letters, digits and _, not starting with a digit, at most 48 characters.",
        )
    if environ.get("DBT_HOST"):
        return _server_settings(environ, schema)
    return ConnectionSettings(
        target="embedded",
        host=str(embedded_socket_dir(project_dir, environ)),
        port=DEFAULT_PORT,
        user=EMBEDDED_USER,
        password="",
        dbname=environ.get("DBT_DBNAME") or EMBEDDED_DATABASE,
        schema=schema,
    )


def warehouse_dir(project_dir: Path, environ: Mapping[str, str]) -> Path:
    """The folder of the embedded warehouse; a relative SEGMENTS_WAREHOUSE_DIR is relative to the project."""
    return project_dir.absolute() / (environ.get("SEGMENTS_WAREHOUSE_DIR") or ".warehouse")


def embedded_socket_dir(project_dir: Path, environ: Mapping[str, str]) -> Path:
    """The folder of the embedded server's socket, where it is or would be."""
    named = environ.get("SEGMENTS_WAREHOUSE_SOCKET")
    if named:
        return project_dir.absolute() / named
    # The server may have had to put the socket elsewhere; then this is a link to that folder.
    return Path(os.path.realpath(warehouse_dir(project_dir, environ) / "socket"))


def _server_settings(environ: Mapping[str, str], schema: str) -> ConnectionSettings:
    host = environ["DBT_HOST"]
    missing = [name for name in ("DBT_USER", "DBT_DBNAME") if not environ.get(name)]
    if missing:
        raise WarehouseError(
            f"DBT_HOST is {host}, but not set: {', '.join(missing)}.",
            "A server needs DBT_HOST, DBT_USER and DBT_DBNAME, mostly DBT_PASSWORD, and DBT_PORT when it is "
            f"not {DEFAULT_PORT}. Unset DBT_HOST to use the embedded warehouse.",
        )
    return ConnectionSettings(
        target="server",
        host=host,
        port=_port(environ.get("DBT_PORT") or str(DEFAULT_PORT)),
        user=environ["DBT_USER"],
        password=environ.get("DBT_PASSWORD", ""),
        dbname=environ["DBT_DBNAME"],
        schema=schema,
    )


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise WarehouseError(f"DBT_PORT is {text!r}, which is not a port.", "Allowed: a number from 1 to 65535.")
