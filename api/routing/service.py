"""The rules in use: read from the file, and read again when it changes."""

from __future__ import annotations

from pathlib import Path

import structlog

from api.routing.geography import Geography
from api.routing.resolve import Ask, Decision, Inquiry, Router
from api.routing.rules import RuleError, Rules, load
from knowledge.text.gazetteer import Gazetteer

log = structlog.get_logger()


class RoutingService:
    """Routes by the newest rule file that is right; a wrong one is reported and the old one goes on.

    Raises:
        RuleError: at start, when there is no right one yet.
    """

    def __init__(self, data_dir: Path, gazetteer: Gazetteer) -> None:
        self.geography = Geography(data_dir / "places")
        self._router = Router(self.geography, gazetteer)
        self._path = data_dir / "routing.yaml"
        self._stamp = self._path.stat().st_mtime_ns
        self._rules = load(self._path, self.geography)

    @property
    def rules(self) -> Rules:
        """The rules in use; a changed file takes effect here."""
        try:
            stamp = self._path.stat().st_mtime_ns
            if stamp != self._stamp:
                self._stamp = stamp
                self._rules = load(self._path, self.geography)
                log.info("routing_rules_loaded", version=self._rules.version)
        except (OSError, RuleError) as error:
            log.error("routing_rules_refused", error=str(error), kept=self._rules.version)
        return self._rules

    def decide(self, inquiry: Inquiry) -> Decision:
        """Who answers, where nobody can be asked: what is unclear goes to who dispatches."""
        return self._router.decide(self.rules, inquiry)

    def resolve(self, inquiry: Inquiry) -> Decision | Ask:
        """Who answers this call, or what must be asked first."""
        return self._router.resolve(self.rules, inquiry)
