"""Takes the pictures of Dagster in docs/images, from a system that it starts for them: `bin/pictures`.

A demo shop in a temporary folder lives for some days, and then for some minutes with Dagster beside it:
people enter and leave segments, sensors ask for refreshes, a guard holds a segment. Look at each picture
afterwards: does it say what to do next?
"""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from maho_segments.services.dagster_api import ask, read_dagster
from maho_segments.services.instants import format_instant
from maho_segments.services.project import Workspace
from maho_segments.warehouse import EmbeddedServer, connect, read_settings
from tests.databases import clean_environ, short_folder
from tests.projects import copy_project

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Found = TypeVar("Found")

IMAGES = Path(__file__).resolve().parent / "images"
LARGEST_BYTES = 150_000
# What Dagster draws in place of what it still waits for.
UNFINISHED = '[class*="skeleton" i]'
SEGMENTS = Path(sys.executable).with_name("segments")
PATIENCE_SECONDS = 300

SHOWN, HELD = "win_back", "vip_platinum"
# Before five earlier days are known, no size is unusual.
DAYS = 6
# How many come back to the newsletter that the shown segment asks for, and how many leave it, in turn.
STEPS = ((0, 9), (4, 0), (0, 12), (10, 0))
LAST_STEP = (5, 4)
LEAVE = """
    update maho.newsletter_subscriber
    set subscriber_status = 3, change_status_at = now() at time zone 'UTC'
    where customer_id in (
        select customer_id from segments.segment_members where segment_name = %s order by profile_id limit %s
    )
"""
COME_BACK = """
    update maho.newsletter_subscriber set subscriber_status = 1
    where subscriber_id in (
        select subscriber_id from maho.newsletter_subscriber
        where subscriber_status = 3
        order by change_status_at desc nulls last limit %s
    )
"""
CANCEL = """
    update maho.sales_flat_order set state = 'canceled', status = 'canceled'
    where customer_id in (
        select customer_id from segments.segment_members where segment_name = %s order by profile_id limit 15
    )
"""


@dataclass(frozen=True)
class Picture:
    """A page of Dagster: where it is, and a text that is on it when it is complete."""

    name: str
    path: str
    text: str
    height: int = 800
    presses: tuple[str, ...] = ()
    """What is pressed first, by selectors."""
    again: bool = False
    """Whether the page is loaded anew then: what was pressed is remembered, and a graph fills its place."""
    part: tuple[int, int, int, int] | None = None
    """What of it is kept: left, top, width and height."""

    @property
    def file(self) -> Path:
        """Where the picture is kept."""
        return IMAGES / f"dagster-{self.name}.png"


PICTURES = (
    Picture("graph", "/asset-groups", "membership", 600, ("text=Hide navigation",), again=True),
    Picture("lineage", "/assets/segment/vip_at_risk?view=lineage&lineageScope=upstream", "vip_gold", 720),
    Picture("segment", f"/assets/segment/{SHOWN}", "audience_size", 1000),
    Picture(
        "plots", f"/assets/segment/{SHOWN}", "audience_size", 1500, ("text=Plots",), part=(240, 650, 780, 850)
    ),
    Picture("refresh", f"/assets/segment/{SHOWN}?view=events&time={{time}}", "latest_moves", 900),
    Picture("check", f"/assets/segment/{HELD}?view=checks&checkDetail=guard", "what_to_do", 640),
    Picture("automation", "/automation", "prune_schedule", 920),
    Picture("run", "/runs/{run}?levels=info", "Reason:", 620),
)


@dataclass(frozen=True)
class Refresh:
    """A refresh of a segment as Dagster was told of it."""

    run: str
    time: str
    has_moves: bool


def main() -> None:
    """Take all pictures; ends with 1 where one became too large."""
    with project() as workspace:
        live_for_days(workspace)
        with running(workspace) as address:
            refresh = live_for_minutes(workspace, address)
            with browser() as chromium:
                for picture in PICTURES:
                    take(chromium, address, picture, refresh)
    too_large = [picture.file.name for picture in PICTURES if picture.file.stat().st_size > LARGEST_BYTES]
    if too_large:
        raise SystemExit(f"Larger than {LARGEST_BYTES:,} bytes: {', '.join(too_large)}")


@contextmanager
def project() -> Iterator[Workspace]:
    """A copy of the project with a warehouse of its own, neither of which is left."""
    with short_folder() as folder:
        others = ("DAGSTER_HOME", "PYTHONPATH")
        environ = {key: value for key, value in clean_environ().items() if key not in others}
        copy_project(folder)
        try:
            yield Workspace(folder, environ)
        finally:
            EmbeddedServer.of_project(folder, environ).stop()


def segments(workspace: Workspace, *words: str) -> None:
    """Run the command line."""
    subprocess.run([SEGMENTS, *words], cwd=workspace.folder, env=workspace.environ, check=True)


def live_for_days(workspace: Workspace) -> None:
    """Make a shop as of some days ago, and refresh its segments once for each day."""
    now = datetime.now(UTC)
    first, *others = [format_instant(now - timedelta(days=days)) for days in range(DAYS, 0, -1)]
    segments(workspace, "demo", "--as-of", first)
    for instant in others:
        segments(workspace, "build", "--as-of", instant)


@contextmanager
def running(workspace: Workspace) -> Iterator[str]:
    """`segments up` as long as the block; gives the address of its pages.

    Without the watcher, so that sensors ask for the refreshes.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [SEGMENTS, "up", "--no-watch", "--port", str(port)]
    up = subprocess.Popen(command, cwd=workspace.folder, env=workspace.environ)
    try:
        wait_until(lambda: read_dagster(address).is_loaded)
        yield address
    finally:
        up.send_signal(signal.SIGINT)
        up.wait()


def live_for_minutes(workspace: Workspace, address: str) -> Refresh:
    """Change the shop again and again, each time when the last change is refreshed; gives the last refresh.

    Among it the orders of many VIPs are canceled, as a wrong import might, and a guard holds their segment.
    """
    wait_until(lambda: last_refresh(address, SHOWN))
    for step in STEPS:
        take_step(workspace, address, *step)
    execute(workspace, CANCEL, HELD)
    wait_until(lambda: last_refresh(address, HELD, "assetObservations"))
    refresh = take_step(workspace, address, *LAST_STEP)
    wait_until(lambda: not is_busy(address))
    return refresh


def take_step(workspace: Workspace, address: str, coming: int, leaving: int) -> Refresh:
    """Have people come and leave; gives the refresh that saw it."""
    before = last_refresh(address, SHOWN)
    execute(workspace, COME_BACK, coming)
    execute(workspace, LEAVE, SHOWN, leaving)

    def seen() -> Refresh | None:
        last = last_refresh(address, SHOWN)
        return last if last and last != before and last.has_moves else None

    return wait_until(seen)


def execute(workspace: Workspace, statement: str, *values: object) -> None:
    """Change the shop as others do."""
    with connect(read_settings(workspace.folder, workspace.environ)) as connection:
        connection.execute(statement.encode(), values)


def last_refresh(address: str, segment: str, events: str = "assetMaterializations") -> Refresh | None:
    """The last refresh of a segment, or the last one that held it; None before the first."""
    query = f"""{{ assetOrError(assetKey: {{path: ["segment", "{segment}"]}}) {{ ... on Asset {{
        {events}(limit: 1) {{ runId timestamp metadataEntries {{ label }} }}
    }} }} }}"""
    for event in ask(address, query)["assetOrError"].get(events, []):
        labels = {entry["label"] for entry in event["metadataEntries"]}
        return Refresh(event["runId"], event["timestamp"], "latest_moves" in labels)
    return None


def is_busy(address: str) -> bool:
    """Whether a run waits or is at work."""
    query = (
        "{ runsOrError(filter: {statuses: [QUEUED, STARTING, STARTED]}) { ... on Runs { results { id } } } }"
    )
    return bool(ask(address, query)["runsOrError"]["results"])


def wait_until(find: Callable[[], Found]) -> Found:
    """What is found as soon as it is; raises TimeoutError when it does not come."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not (found := find()):
        if time.monotonic() > give_up:
            raise TimeoutError(f"Nothing happened for {PATIENCE_SECONDS} seconds.")
        time.sleep(1)
    return found


@contextmanager
def browser() -> Iterator["Browser"]:
    """A browser that asks nobody else for anything."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only here it is needed

    quiet = ("background-networking", "component-update", "sync", "quic", "gpu")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in quiet)],
        )
        yield chromium
        chromium.close()


def take(chromium: "Browser", address: str, picture: Picture, refresh: Refresh) -> None:
    """Take one picture."""
    page = chromium.new_page(
        viewport={"width": 1360, "height": picture.height},
        # The same words and clock everywhere.
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    page.goto(address + picture.path.format(run=refresh.run, time=refresh.time))
    page.get_by_text(picture.text).first.wait_for()
    for selector in picture.presses:
        page.click(selector)
    if picture.again:
        page.reload()
        page.get_by_text(picture.text).first.wait_for()
    page.wait_for_load_state("networkidle")
    page.locator(UNFINISHED).first.wait_for(state="detached", timeout=60_000)
    # Graphs and plots are drawn after the last answer.
    page.wait_for_timeout(5000)
    page.screenshot(path=picture.file)
    page.close()
    finish(picture)
    print(f"{picture.file.name}: {picture.file.stat().st_size:,} bytes", flush=True)


def finish(picture: Picture) -> None:
    """Keep the part that is wanted, in as many colours as pages of one style need."""
    from PIL import Image  # noqa: PLC0415  only here it is needed

    with Image.open(picture.file) as image:
        whole = image.convert("RGB")
    if picture.part:
        left, top, width, height = picture.part
        whole = whole.crop((left, top, left + width, top + height))
    whole.quantize(256).save(picture.file, optimize=True)


if __name__ == "__main__":
    main()
