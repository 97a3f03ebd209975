"""Why something is not imported."""


class Refusal(Exception):  # noqa: N818  an answer, not an accident
    """A condition can't be written with the same meaning; `reason` says why, for people.

    `can_approximate` is whether something near it can be written.
    """

    def __init__(self, reason: str, *, can_approximate: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.can_approximate = can_approximate
