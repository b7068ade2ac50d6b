"""Storms: one bad thing after another happens to ways and nodes, with a rest between."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable

from bench.axis_sites import AXIS, PROVINCES
from tests.long.axis_nodes import AxisNodes
from tests.long.weather import FAIR, Ways, Weather

#: As an old telephone line: 32 kbit/s.
SLOW = Weather(bytes_s=32_000 / 8)


async def blow(ways: Ways, nodes: AxisNodes, seconds: float) -> Counter[str]:
    """Blow for so many *seconds*; return how often there was what. The end is fair weather."""
    clock = asyncio.get_running_loop().time
    end, chance, counts = clock() + seconds, random.Random(11), Counter[str]()  # noqa: S311 - no secret
    storm = _Storm(ways, nodes, chance)
    kinds: dict[str, Callable[[], Awaitable[None]]] = {
        "a way is cut": storm.cut,
        "ways are far": storm.far,
        "a way carries 32 kbit/s": storm.slow,
        "a node is killed": storm.kill,
        "a way is cut while a node is killed": storm.cut_and_kill,
    }
    if ways.loses_packets:
        kinds["packets are lost"] = storm.lossy
    waiting: list[str] = []
    while clock() < end:
        waiting = waiting or chance.sample(sorted(kinds), len(kinds))
        name = waiting.pop()
        await kinds[name]()
        counts[name] += 1
        for code in (AXIS, *PROVINCES):
            ways.set(code, FAIR)
        await asyncio.sleep(chance.uniform(2, 8))
    return counts


class _Storm:
    """What can happen."""

    def __init__(self, ways: Ways, nodes: AxisNodes, chance: random.Random) -> None:
        self._ways = ways
        self._nodes = nodes
        self._chance = chance

    async def cut(self) -> None:
        """Nothing goes through for a while."""
        await self._be(self._anybody(), Weather(is_cut=True), 15)

    async def far(self) -> None:
        """Everything takes long."""
        for code in (AXIS, *PROVINCES):
            self._ways.set(code, Weather(delay_s=self._chance.uniform(0.05, 0.3)))
        await self._last(15)

    async def slow(self) -> None:
        """As over an old telephone line."""
        await self._be(self._chance.choice(PROVINCES), SLOW, 25)

    async def lossy(self) -> None:
        """Some packets never arrive."""
        weather = Weather(loss=self._chance.uniform(0.02, 0.2), delay_s=0.02)
        await self._be(self._anybody(), weather, 20)

    async def kill(self) -> None:
        """A node dies and starts again from its disk."""
        code = self._anybody()
        await self._nodes.kill(code)
        await asyncio.sleep(self._chance.uniform(0, 4))
        await self._nodes.start(code)

    async def cut_and_kill(self) -> None:
        """Both at once, at different nodes."""
        cut, killed = self._chance.sample((AXIS, *PROVINCES), 2)
        self._ways.set(cut, Weather(is_cut=True))
        await self._nodes.kill(killed)
        await self._last(6)
        await self._nodes.start(killed)

    async def _be(self, code: str, weather: Weather, most_s: float) -> None:
        self._ways.set(code, weather)
        await self._last(most_s)

    async def _last(self, most_s: float) -> None:
        await asyncio.sleep(self._chance.uniform(most_s / 4, most_s))

    def _anybody(self) -> str:
        return self._chance.choice((AXIS, *PROVINCES))
