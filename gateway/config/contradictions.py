"""What is wrong with settings that are right one by one."""

from collections.abc import Iterator

from gateway.config.people import Notify
from gateway.config.storing import Storage
from gateway.config.whole import Config
from gateway.domain.mail import is_address
from gateway.domain.peers import code_of_peer
from gateway.domain.retention import RECALL_RULE


def contradictions(config: Config) -> Iterator[str]:
    """Yield what does not go together, each a sentence."""
    if bool(config.http.tls_certificate) != bool(config.http.tls_key):
        yield "`http.tls_certificate` and `http.tls_key` go together"
    for office in config.office:
        if office.delivery == "webhook" and not office.url:
            yield f"the webhook of `{office.agency}` needs `url`"
        if office.delivery == "webhook" and not (office.secret_env or office.secret_file):
            yield f"the webhook of `{office.agency}` needs `secret_env` or `secret_file`"
        if office.delivery == "folder" and not office.folder:
            yield f"the folder delivery of `{office.agency}` needs `folder`"
    agencies = [office.agency for office in config.office]
    for agency in sorted({code for code in agencies if agencies.count(code) > 1}):
        yield f"`{agency}` has more than one [[office]]"
    yield from _bucket_faults(config.storage)
    yield from _mail_faults(config.notify)
    yield from _profiles_at_once(config)
    yield from _removals_without_reason(config)
    yield from _nodes_apart(config)


def _bucket_faults(storage: Storage) -> Iterator[str]:
    if storage.s3_kms_key and not storage.s3_encryption.startswith("aws:kms"):
        yield '`storage.s3_kms_key` needs `s3_encryption = "aws:kms"`'
    if storage.s3_endpoint and not storage.s3_endpoint.startswith(("https://", "http://")):
        yield "`storage.s3_endpoint` begins with https://"
    named = bool(storage.s3_key_env or storage.s3_key_file)
    if named != bool(storage.s3_secret_env or storage.s3_secret_file):
        yield "`storage.s3_key_…` and `storage.s3_secret_…` go together"


def _mail_faults(notify: Notify) -> Iterator[str]:
    for key in ("to", "escalation"):
        for address in getattr(notify, key):
            if not is_address(address):
                yield f"`notify.{key}`: `{address}` is no mail address"
    if not notify.smtp_host:
        return
    if not is_address(notify.smtp_from):
        yield "`notify.smtp_from` is the address that mails come from, as lienthong@example.gov.vn"
    has_secret = bool(notify.smtp_secret_env or notify.smtp_secret_file)
    if has_secret != bool(notify.smtp_user):
        yield "`notify.smtp_user` and `notify.smtp_secret_…` go together"
    if has_secret and notify.smtp_tls == "none":
        yield '`notify.smtp_tls = "none"` would show the password on the way'


def _nodes_apart(config: Config) -> Iterator[str]:
    names = [axis.name for axis in config.axis]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"the axis `{name}` stands twice"
    for axis in config.axis:
        if bool(axis.client_certificate) != bool(axis.client_key):
            yield f"`client_certificate` and `client_key` of `{axis.name}` go together"
    if config.peer and not config.http.peer_port:
        yield "[[peer]] needs `http.peer_port`, where certificates of nodes are shown"
    codes: list[str] = []
    for peer in config.peer:
        try:
            codes.append(code_of_peer(peer.agency))
        except ValueError as error:
            yield f"[[peer]] {error}"
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"`{code}` has more than one [[peer]]"


def _removals_without_reason(config: Config) -> Iterator[str]:
    names = [each.name for each in config.removal]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"[[removal]] `{name}` stands twice"
    for each in config.removal:
        if each.name == RECALL_RULE:
            yield f"[[removal]] `{each.name}` is what recalls are called in the record"
        if each.days and not each.decision.strip():
            yield f"[[removal]] `{each.name}` needs `decision`: nothing is destroyed without one"


def _profiles_at_once(config: Config) -> Iterator[str]:
    chosen = [(each.agency, each.since) for each in config.profile]
    chosen += [(office.agency, "") for office in config.office if office.profile]
    for agency, since in sorted({each for each in chosen if chosen.count(each) > 1}):
        yield f"`{agency}` has more than one profile since {since or 'always'}"
