"""What the environment says about the warehouse, before anything is connected."""

from pathlib import Path

import pytest

from maho_segments.errors import WarehouseError
from maho_segments.warehouse import ConnectionSettings, read_settings, warehouse_dir
from maho_segments.warehouse.connection import check_version
from maho_segments.warehouse.tuning import (
    GIGABYTE,
    MEGABYTE,
    memory_settings,
    render_settings,
    server_settings,
)

SERVER = {"DBT_HOST": "db.example", "DBT_USER": "maho", "DBT_DBNAME": "shop"}


def test_embedded_is_the_default(tmp_path: Path) -> None:
    settings = read_settings(tmp_path, {})
    assert settings == ConnectionSettings(
        "embedded", f"{tmp_path}/.warehouse/socket", 5432, "segments", "", "segments", "segments"
    )


def test_empty_variables_are_not_set(tmp_path: Path) -> None:
    names = [
        "DBT_HOST",
        "DBT_PORT",
        "DBT_DBNAME",
        "DBT_SCHEMA",
        "SEGMENTS_WAREHOUSE_DIR",
        "SEGMENTS_WAREHOUSE_SOCKET",
    ]
    assert read_settings(tmp_path, dict.fromkeys(names, "")) == read_settings(tmp_path, {})


def test_embedded_names_and_places_can_be_changed(tmp_path: Path) -> None:
    environ = {"DBT_DBNAME": "other", "DBT_SCHEMA": "crm", "SEGMENTS_WAREHOUSE_DIR": "../elsewhere"}
    settings = read_settings(tmp_path, environ)
    assert (settings.dbname, settings.schema) == ("other", "crm")
    assert warehouse_dir(tmp_path, environ) == tmp_path / ".." / "elsewhere"
    assert settings.host == str(tmp_path.parent / "elsewhere" / "socket")
    assert read_settings(tmp_path, {"SEGMENTS_WAREHOUSE_SOCKET": "/run/here"}).host == "/run/here"


def test_server_is_read_whole() -> None:
    environ = {**SERVER, "DBT_PORT": "6432", "DBT_PASSWORD": "secret", "DBT_SCHEMA": "crm"}
    assert read_settings(Path("/"), environ) == ConnectionSettings(
        "server", "db.example", 6432, "maho", "secret", "shop", "crm"
    )
    assert read_settings(Path("/"), SERVER).port == 5432


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"DBT_HOST": "db"}, "DBT_HOST is db, but not set: DBT_USER, DBT_DBNAME."),
        ({"DBT_HOST": "db", "DBT_USER": "u"}, "DBT_HOST is db, but not set: DBT_DBNAME."),
        ({**SERVER, "DBT_PORT": "postgres"}, "DBT_PORT is 'postgres', which is not a port."),
        ({**SERVER, "DBT_PORT": "0"}, "DBT_PORT is '0', which is not a port."),
        ({**SERVER, "DBT_PORT": "65536"}, "DBT_PORT is '65536', which is not a port."),
        ({**SERVER, "DBT_PORT": "-1"}, "DBT_PORT is '-1', which is not a port."),
        ({**SERVER, "DBT_PORT": "5432 "}, "DBT_PORT is '5432 ', which is not a port."),
        ({**SERVER, "DBT_PORT": "٥٤٣٢"}, "DBT_PORT is '٥٤٣٢', which is not a port."),
        ({"DBT_SCHEMA": "Segments"}, "DBT_SCHEMA is 'Segments', which can't be the name of the schema."),
        ({"DBT_SCHEMA": "1st"}, "DBT_SCHEMA is '1st', which can't be the name of the schema."),
        ({"DBT_SCHEMA": 's"; drop'}, "DBT_SCHEMA is 's\"; drop', which can't be the name of the schema."),
        ({"DBT_SCHEMA": "s" * 49}, f"DBT_SCHEMA is '{'s' * 49}', which can't be the name of the schema."),
    ],
)
def test_nonsense_is_told(environ: dict[str, str], told: str) -> None:
    with pytest.raises(WarehouseError) as caught:
        read_settings(Path("/"), environ)
    assert caught.value.message == told
    assert caught.value.hint


@pytest.mark.parametrize(
    ("host", "uri"),
    [
        ("db.example", "postgresql://u%40x:p%2F%20%C3%A4@db.example:5432/d%20b"),
        ("::1", "postgresql://u%40x:p%2F%20%C3%A4@[::1]:5432/d%20b"),
        ("/a b/s", "postgresql://u%40x:p%2F%20%C3%A4@/d%20b?host=%2Fa%20b%2Fs&port=5432"),
    ],
)
def test_uri_escapes_its_parts(host: str, uri: str) -> None:
    settings = ConnectionSettings("server", host, 5432, "u@x", "p/ ä", "d b", "segments")
    assert settings.uri(with_password=True) == uri
    assert "p%2F" not in settings.uri()


def test_environ_of_the_embedded_target_hides_a_server() -> None:
    settings = ConnectionSettings("embedded", "/s", 5432, "segments", "", "test", "segments")
    assert read_settings(Path("/"), {**SERVER, **settings.environ()}) == settings


@pytest.mark.parametrize("version", [140000, 140022, 150018, 180006, 190000])
def test_supported_versions_pass(version: int) -> None:
    check_version(version)


@pytest.mark.parametrize(("version", "told"), [(130022, "13.22"), (90624, "9.624")])
def test_old_versions_are_told(version: int, told: str) -> None:
    with pytest.raises(WarehouseError, match=f"The server is PostgreSQL {told}; 14 or newer is needed"):
        check_version(version)


@pytest.mark.parametrize("gigabytes", [1, 2, 8, 24, 512])
def test_memory_settings_leave_room_for_others(gigabytes: int) -> None:
    memory = gigabytes * GIGABYTE
    sizes = {
        name: int(value.removesuffix("MB")) * MEGABYTE
        for name, value in memory_settings(memory, memory).items()
    }
    assert sizes["shared_buffers"] + 8 * sizes["work_mem"] + sizes["maintenance_work_mem"] < memory / 2
    assert sizes["effective_cache_size"] < memory
    assert sizes["shared_buffers"] >= 64 * MEGABYTE
    assert sizes["work_mem"] >= 8 * MEGABYTE


def test_log_of_changes_fits_on_a_small_disk() -> None:
    assert memory_settings(GIGABYTE, 2 * GIGABYTE)["max_wal_size"] == "512MB"


def test_rendered_settings_escape_quotes() -> None:
    assert render_settings({"a": "it's \\ here"}).splitlines()[-1] == "a = 'it''s \\\\ here'"


def test_socket_folder_is_quoted_in_the_list_of_folders(tmp_path: Path) -> None:
    assert server_settings(tmp_path, Path('/a, "b"'))["unix_socket_directories"] == '"/a, ""b"""'
