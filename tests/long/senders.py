"""Offices that send: what each submission was, and what the node said about it."""

import asyncio
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from bench.papers import FORM, XML, a_pdf, form, message, metadata
from tests.long.api import Answer, Api

PAPER_BYTES = 2_000


@dataclass(slots=True, kw_only=True)
class Submission:
    """One thing that an office wanted to send, told apart by its file."""

    sender: str
    to: tuple[str, ...]
    body: bytes
    media_type: str
    paper: bytes
    key: str | None = None
    is_repeated: bool  #: sent again after a crash, until it is answered
    is_dropped: bool = False  #: into a folder, from which the node fetches it
    asked: int = 0
    id: str | None = None
    code: str | None = None
    answers: list[int] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        """Return the digest of its file."""
        return hashlib.sha256(self.paper).hexdigest()

    @property
    def is_message(self) -> bool:
        """Whether it went as edXML, so that its bytes must come back as they went."""
        return self.media_type == XML


@dataclass(slots=True, kw_only=True)
class Sender:
    """An office that submits one thing after another until it is told to stop."""

    api: Api
    agency: str
    recipients: Sequence[str]
    chance: random.Random
    stopping: asyncio.Event
    promulgated_on: str | None = None
    pause_s: float = 0.02
    nobody: str = "H13.99"  #: a code that its own node knows to be nobody's
    submissions: list[Submission] = field(default_factory=list)

    async def run(self) -> None:
        """Submit, mostly well, at times to an agency that does not exist."""
        while not self.stopping.is_set():
            submission = self._next()
            self.submissions.append(submission)
            await self._send(submission)
            await asyncio.sleep(self.chance.uniform(0, 2 * self.pause_s))

    def _next(self) -> Submission:
        paper = a_pdf(PAPER_BYTES)
        to = tuple(self.chance.sample(self.recipients, self.chance.randint(1, 2)))
        kind = self.chance.choices(("keyed", "message", "plain", "wrong"), (5, 4, 2, 1))[0]
        if kind == "wrong":
            to = (*to, self.nobody)
        subject = f"Về việc {uuid4()}"
        if kind == "message":
            body = message(
                sender=self.agency,
                to=to,
                document_id=str(uuid4()),
                subject=subject,
                files=[paper],
                promulgated_on=self.promulgated_on,
            )
        else:
            more = {"promulgated_on": self.promulgated_on} if self.promulgated_on else {}
            body = form(metadata(to=to, subject=subject, **more), [("cong-van.pdf", paper)])
        return Submission(
            sender=self.agency,
            to=to,
            body=body,
            media_type=XML if kind == "message" else FORM,
            paper=paper,
            key=str(uuid4()) if kind == "keyed" else None,
            is_repeated=kind in {"keyed", "message"},
        )

    async def _send(self, submission: Submission) -> None:
        headers = {"Content-Type": submission.media_type}
        if submission.key:
            headers["Idempotency-Key"] = submission.key
        while True:
            submission.asked += 1
            answer = await self.api.once(
                "POST", "/documents", who=self.agency, body=submission.body, headers=headers
            )
            if answer is not None:
                submission.answers.append(answer.status)
            if answer is not None and _is_settled(answer):
                if answer.status in {200, 201}:
                    submission.id = answer.json["id"]
                    submission.code = answer.json["code"]
                return
            if not submission.is_repeated:
                return
            await asyncio.sleep(0.02)


def _is_settled(answer: Answer) -> bool:
    return answer.status not in {503, 409}


@dataclass(slots=True, kw_only=True)
class Dropper:
    """An office that drops messages into the folder which it shares with the node."""

    folder: Path
    agency: str
    recipients: Sequence[str]
    stopping: asyncio.Event
    pause_s: float = 0.1
    submissions: list[Submission] = field(default_factory=list)

    async def run(self) -> None:
        """Drop one message after another, each by rename."""
        while not self.stopping.is_set():
            await asyncio.to_thread(self._drop)
            await asyncio.sleep(self.pause_s)

    def _drop(self) -> None:
        n, paper = len(self.submissions), a_pdf(PAPER_BYTES)
        to = (self.recipients[n % len(self.recipients)],)
        body = message(
            sender=self.agency,
            to=to,
            document_id=str(uuid4()),
            subject=f"Về việc {uuid4()}",
            files=[paper],
        )
        self.submissions.append(
            Submission(
                sender=self.agency,
                to=to,
                body=body,
                media_type=XML,
                paper=paper,
                is_repeated=True,
                is_dropped=True,
            )
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f".{n}.part").write_bytes(body)
        (self.folder / f".{n}.part").rename(self.folder / f"{n}.edxml")
