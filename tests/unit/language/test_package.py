"""The package as others import it."""

import subprocess
import sys

from maho_segments import language


def test_public_names_exist() -> None:
    assert all(hasattr(language, name) for name in language.__all__)
    assert len(language.__all__) == len(set(language.__all__))


def test_import_is_light() -> None:
    # Checking needs neither dbt nor a database, and the command line starts with it.
    code = "import sys, maho_segments.language; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"dbt", "jinja2", "psycopg", "numpy"} & set(run.stdout.split())
