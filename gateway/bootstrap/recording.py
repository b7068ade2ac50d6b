"""The rooms of the audit record, equipped: its archive, its checkpoints, receipts and stamps."""

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from gateway.bootstrap.audit_segments import SegmentFolder
from gateway.bootstrap.equipment import data_folder
from gateway.bootstrap.premises import Premises
from gateway.bootstrap.receipts import node_anchors
from gateway.config import Config
from gateway.crypto.receipts import verify_receipt
from gateway.pipeline.audit_archive import AuditArchive
from gateway.pipeline.auditing import Auditing
from gateway.pipeline.sealing import Sealing
from gateway.pipeline.stamping import Pace, Stamping
from gateway.ports import Checkpoints, StampAuthority
from gateway.storage.checkpoints import CheckpointFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Every room that proves what happened."""

    checkpoints: Checkpoints
    audit_archive: AuditArchive
    auditing: Auditing
    sealing: Sealing
    stamping: Stamping


def recording(
    config: Config, premises: Premises, *, authority: StampAuthority | None
) -> Recording:
    """Bind the rooms to their equipment."""
    store, clock, run = premises.store, premises.clock, premises.run
    zone, signer = premises.calendars.zone, premises.signer
    checkpoints = CheckpointFolder(data_folder(config) / "checkpoints")
    audit_archive = AuditArchive(
        store=store,
        clock=clock,
        zone=zone,
        node=config.node.code,
        run=run,
        files=SegmentFolder(
            config.path(config.retention.audit_folder), partial(node_anchors, config)
        ),
        checkpoints=checkpoints,
        sign=signer,
        examine=lambda jws: verify_receipt(jws, node_anchors(config)),
    )
    return Recording(
        checkpoints=checkpoints,
        audit_archive=audit_archive,
        auditing=Auditing(
            store=store,
            clock=clock,
            zone=zone,
            node=config.node.code,
            run=run,
            checkpoints=checkpoints,
            sign=signer,
            authority=authority,
            archived=audit_archive.checks,
            archived_lines=audit_archive.lines,
        ),
        sealing=Sealing(store=store, run=run, sign=signer),
        stamping=Stamping(
            store=store,
            clock=clock,
            authority=authority,
            pace=Pace(every=timedelta(seconds=config.keys.tsa_every_s)),
            limit=timedelta(hours=config.keys.tsa_limit_h),
            jitter=random.random,
        ),
    )
