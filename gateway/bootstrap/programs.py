"""The rooms of programs, equipped: their credentials, and those that speak the national protocol."""

from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from uuid import uuid4

from gateway.bootstrap.envelopes import open_envelope
from gateway.bootstrap.recording import Recording
from gateway.bootstrap.references import References
from gateway.crypto.secrets import SecretBox, hash_token, new_secret, new_token
from gateway.formats.status import write_status
from gateway.pipeline.clients import Credentials, Mint
from gateway.pipeline.movement import Movement
from gateway.pipeline.vxp_box import VxpBox
from gateway.pipeline.vxp_systems import VxpSystems
from gateway.ports import Clock, DocumentFiles, Run, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Every room of programs."""

    credentials: Credentials
    systems: VxpSystems
    vxp_box: VxpBox


def programs(
    *,
    store: Store,
    blobs: DocumentFiles,
    clock: Clock,
    zone: tzinfo,
    run: Run,
    secret_box: SecretBox,
    reference: References,
    movement: Movement,
    recording: Recording,
) -> Programs:
    """Bind the rooms to their equipment."""
    credentials = Credentials(
        store=store,
        clock=clock,
        zone=zone,
        mint=Mint(
            new_id=lambda: uuid4().hex,
            new_token=new_token,
            new_secret=new_secret,
            hash_token=hash_token,
            box=secret_box,
        ),
    )
    return Programs(
        credentials=credentials,
        systems=VxpSystems(
            store=store,
            clock=clock,
            zone=zone,
            run=run,
            snapshot=reference.snapshot,
            secret_of=credentials.secret_of,
        ),
        vxp_box=VxpBox(
            store=store,
            clock=clock,
            movement=movement,
            envelope=partial(open_envelope, blobs),
            compose_status=write_status,
            seal=recording.sealing.seal,
        ),
    )
