"""Where the embedded server keeps its files.

Mostly everything is in the project's `.warehouse/`: `data/`, `socket/`, `server.log`. Two things can forbid
that; `data` or `socket` in there is then a link to the real place, and clients find it where it always is:

* Root's server runs as another user, who can't enter every folder: a clone below /root, say. Its data, and a
  copy of the programs, are then in SHARED_DIR.
* The path of a socket may not exceed 107 bytes nor have a comma in it. It is then in a short folder of /tmp.
"""

import hashlib
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

from maho_segments.errors import WarehouseError
from maho_segments.warehouse.account import Account, user_name
from maho_segments.warehouse.processes import SOCKET_NAME

SHARED_DIR = Path("/var/lib/segments-warehouse")
_LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107
# pg_ctl hands paths to a shell in double quotes, and the pid file holds one a line.
_UNUSABLE_CHARACTERS = frozenset('"$`\\\n')


class Folders:
    """The places of one embedded warehouse, below its folder `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lock = root / "lock"
        self.log = root / "server.log"

    @property
    def data(self) -> Path:
        """The data folder, through a link if it is elsewhere."""
        return Path(os.path.realpath(self.root / "data"))

    @property
    def socket(self) -> Path:
        """The folder of the socket, through a link if it is elsewhere."""
        return Path(os.path.realpath(self.root / "socket"))

    def make_root(self) -> None:
        """Make the warehouse's folder; root's may be passed through by the user who runs the server."""
        if not self.root.is_dir():
            self.root.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:
                self.root.chmod(0o711)

    def make_data(self, account: Account) -> Path:
        """An empty private folder of this user to make the data in; `adopt_data` puts it in its place."""
        for leftover in self.root.glob("data.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        staging = _make_folder(self.root, "data.new-", account)
        if account.can("w", staging):
            return staging
        staging.rmdir()
        place = self._place_outside()
        for leftover in place.glob("data.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        return _make_folder(place, "data.new-", account)

    def adopt_data(self, staging: Path) -> Path:
        """Put finished data in its place, at once or not at all."""
        data = staging.with_name("data")
        staging.rename(data)
        if data.parent != self.root:
            _link(self.root / "data", data)
        return data

    def place_socket(self, account: Account, named: Path | None) -> Path:
        """The folder for the socket, which only this user and root can enter; made where it is missing."""
        if named:
            return _named_socket_dir(named, account)
        link = self.root / "socket"
        present = self.socket
        if not present.exists() and not link.is_symlink() and _fits(present):
            present.mkdir()
            account.take(present)
        if _fits(present) and _is_private(present, account) and account.can("w", present):
            return present
        if self.data.parent != Path(os.path.realpath(self.root)):
            place = self.data.with_name("socket")
            place.mkdir(exist_ok=True)
            account.take(place)
        else:
            place = _make_folder(Path("/tmp"), "segments-", account)  # noqa: S108  short, and mkdtemp is safe there
        _link(link, place)
        return place

    def delete(self) -> None:
        """Remove the warehouse's folder, and what it links to elsewhere."""
        for place in (self.data, self.socket):
            if place.exists():
                shutil.rmtree(place)
            if place.parent.parent == SHARED_DIR and not any(place.parent.iterdir()):
                place.parent.rmdir()
        if self.root.exists():
            shutil.rmtree(self.root)

    def _place_outside(self) -> Path:
        """A folder for this warehouse in SHARED_DIR; never one with data, whosever that is by now."""
        digest = hashlib.sha256(os.fsencode(os.path.realpath(self.root))).hexdigest()[:8]
        for attempt in range(1, 1000):
            place = SHARED_DIR / f"{self.root.parent.name or 'root'}-{digest}-{attempt}"
            if not (place / "data").exists():
                for folder in (SHARED_DIR, place):
                    folder.mkdir(parents=True, exist_ok=True)
                    folder.chmod(0o755)
                return place
        raise WarehouseError(
            f"{SHARED_DIR} holds the data of 999 former warehouses.", "Remove those not needed."
        )


def check_path(path: Path) -> None:
    """Raise WarehouseError for a path that PostgreSQL's programs would misread."""
    unusable = sorted(_UNUSABLE_CHARACTERS & set(str(path)))
    if unusable:
        raise WarehouseError(
            f"PostgreSQL can't work in {str(path)!r}, because of {' '.join(map(repr, unusable))} in it.",
            "Move the project, or set SEGMENTS_WAREHOUSE_DIR to a folder with a plainer name.",
        )


def _make_folder(place: Path, prefix: str, account: Account) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    account.take(folder)
    return folder


def _link(link: Path, target: Path) -> None:
    """Make or change a link; who looks at it meanwhile sees the old or the new one."""
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)  # a socket folder that can't be used since the project was moved
    fresh = link.with_name(f"{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _fits(socket_dir: Path) -> bool:
    """Whether a socket can be there: clients take a comma for the end of a host's name."""
    return "," not in str(socket_dir) and len(os.fsencode(socket_dir / SOCKET_NAME)) <= _LONGEST_SOCKET_PATH


def _is_private(folder: Path, account: Account) -> bool:
    """Whether this is a real folder that only this user can enter: in /tmp anybody could have made it."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and not found.st_mode & 0o077


def _named_socket_dir(folder: Path, account: Account) -> Path:
    if not _fits(folder):
        raise WarehouseError(
            f"SEGMENTS_WAREHOUSE_SOCKET is {folder}, which is too long for a socket, or has a comma in it.",
            f"Allowed: at most {_LONGEST_SOCKET_PATH - len(SOCKET_NAME) - 1} bytes, and no comma.",
        )
    if not folder.exists():
        folder.mkdir(parents=True)
        account.take(folder)
    if not _is_private(folder, account):
        found = folder.stat()
        raise WarehouseError(
            f"SEGMENTS_WAREHOUSE_SOCKET is {folder}, a folder of user {user_name(found.st_uid)} with rights "
            f"{stat.filemode(found.st_mode)}: others could reach the warehouse through it.",
            f"Name a folder that does not exist yet, or one of user {account.name} with drwx------.",
        )
    if not account.can("w", folder):
        raise WarehouseError(
            f"SEGMENTS_WAREHOUSE_SOCKET is {folder}, where user {account.name} can't write.",
            "Name a folder that this user can reach.",
        )
    return folder
