"""The system user who runs the embedded server, as PostgreSQL refuses to be run by root."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from maho_segments.errors import WarehouseError
from maho_segments.warehouse.binaries import bare_environ

SERVICE_USER = "segments-warehouse"


@dataclass(frozen=True)
class Account:
    """A system user that programs can be run as: the caller, or for root an unprivileged one."""

    uid: int
    gid: int

    @property
    def is_caller(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def name(self) -> str:
        return user_name(self.uid)

    def run(
        self,
        command: Sequence[str | Path],
        *,
        output: IO[bytes] | int = subprocess.PIPE,
        stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this user, in a session of its own, from a folder all can enter."""
        options: dict[str, Any] = {}
        if not self.is_caller:
            options = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(
            command,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            env=bare_environ(),
            start_new_session=True,
            umask=0o077,
            **options,
        )

    def can(self, test: str, path: Path) -> bool:
        """Whether `test -<test> path` holds for this user: r, w or x, through all folders above."""
        return self.is_caller or self.run(["/bin/sh", "-c", f'test -{test} "$1"', "sh", path]).returncode == 0

    def write(self, path: Path, text: str) -> None:
        """Write a file as this user: root never follows a link that this user may have put there."""
        written = self.run(["/bin/sh", "-c", 'cat >"$1.new" && mv -f "$1.new" "$1"', "sh", path], stdin=text)
        if written.returncode:
            raise WarehouseError(
                f"{path} can't be written: {written.stdout.strip()}", "Check rights and space of the disk."
            )

    def take(self, folder: Path) -> None:
        """Make a private folder of this user; nobody else but root can look into it."""
        if not self.is_caller:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def server_account(data_dir: Path) -> Account:
    """The user who runs the server on this data folder.

    Everybody runs their own. Root runs it as the folder's owner, or as a system user made for this when
    there is no data yet. Raises WarehouseError when the folder is somebody else's.
    """
    owner = data_dir.stat() if data_dir.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise WarehouseError(
                f"The warehouse in {data_dir} belongs to user {user_name(owner.st_uid)}.",
                "Work as that user or as root, or set SEGMENTS_WAREHOUSE_DIR to a folder of your own.",
            )
        return Account(os.geteuid(), os.getegid())
    if owner and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    return _service_account()


def user_name(uid: int) -> str:
    """The name of a system user, or the number where there is none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _service_account() -> Account:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    said = "there is no program useradd"
    for _ in range(20):
        try:
            entry = pwd.getpwnam(SERVICE_USER)
        except KeyError:
            if not useradd:
                break
            # fmt: off
            made = subprocess.run(
                [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
                 "--shell", "/usr/sbin/nologin", SERVICE_USER],
                capture_output=True, text=True, check=False,
            )
            # fmt: on
            said = made.stderr.strip()
            if made.returncode:
                time.sleep(0.1)  # somebody else may just be making it, or hold the lock of /etc/passwd
        else:
            return Account(entry.pw_uid, entry.pw_gid)
    raise WarehouseError(
        f"PostgreSQL refuses to run as root, and system user {SERVICE_USER} can't be made: {said}",
        "Work as another user than root, or make that user, or set DBT_HOST to use a server.",
    )
