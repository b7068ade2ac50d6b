"""What one check found, as people and as programs read it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.cli.doctor.texts import NOTHING, TITLES, Text
from gateway.cli.output import both
from gateway.config import Config

OK, WARNING, WRONG = "ok", "warning", "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What one check found."""

    check: str
    result: str
    said: Text
    remedy: Text = NOTHING

    @property
    def record(self) -> dict[str, str]:
        """Return it as programs read it."""
        title = TITLES[self.check]
        return {
            "check": self.check,
            "title": title.en,
            "title_vi": title.vi,
            "result": self.result,
            "message": self.said.en,
            "message_vi": self.said.vi,
            "remedy": self.remedy.en,
            "remedy_vi": self.remedy.vi,
        }

    @property
    def row(self) -> dict[str, str]:
        """Return it as people read it, in both languages."""
        return {
            "check": self.check,
            "result": self.result,
            "message": both(self.said.vi, self.said.en if self.said.vi != self.said.en else ""),
            "remedy": both(self.remedy.vi, self.remedy.en),
        }


def instant(config: Config, at: datetime) -> str:
    """Return an instant as the clocks of the node's zone show it."""
    return at.astimezone(ZoneInfo(config.node.timezone)).isoformat(" ", "seconds")
