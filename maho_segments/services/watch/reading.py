"""The definitions that a watcher goes by: the last ones that were valid."""

from maho_segments.errors import DefinitionsError
from maho_segments.language import ATTRIBUTES_FILE, SEGMENTS_FILE
from maho_segments.services.dbt import parsed_files
from maho_segments.services.definitions import Definitions, read_definitions
from maho_segments.services.project import Workspace


class ValidDefinitions:
    """The definitions of a project, read again when one of its files has changed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stamp: frozenset[tuple[str, int, int]] = frozenset()
        self.now: Definitions | None = None
        """The last valid ones; none before there were any."""
        self.problem: DefinitionsError | None = None
        """What is wrong with the files as they are."""

    def are_others(self) -> bool:
        """Whether the files are others than those that were read."""
        return self._read_stamp() != self._stamp

    def have_changed(self) -> bool:
        """Read the files if they are others than before: whether they are valid and have another plan."""
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            read = read_definitions(self._workspace)
        except DefinitionsError as error:
            self.problem = error
            return False
        self.problem = None
        differ = self.now is None or self.now.plan != read.plan
        self.now = read
        return differ

    def _read_stamp(self) -> frozenset[tuple[str, int, int]]:
        folder = self._workspace.folder
        written = (path for path in map(folder.joinpath, (SEGMENTS_FILE, ATTRIBUTES_FILE)) if path.exists())
        stats = ((path, path.stat()) for path in written)
        own = frozenset((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)
        return own | parsed_files(folder)
