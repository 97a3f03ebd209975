"""Which tests stay together when several processes share the tests (`pytest -n 2`)."""

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

FOLDERS = {
    "tests/integration/capture",
    "tests/integration/cli",
    "tests/integration/edges",
    "tests/integration/importing",
    "tests/orchestration",
    "tests/properties",
    "tests/refresh",
}
"""Their tests share a shop or a warehouse that takes long to make: each process would make its own."""


class SharingScheduling(LoadScopeScheduling):
    """Hands out those folders whole, and of all others the files."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.partition("::")[0])
        return str(file.parent if str(file.parent) in FOLDERS else file)
