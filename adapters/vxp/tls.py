"""TLS with one axis: whose certificates we believe there, and the one that we show.

The files are looked at again while the node runs: who renews a certificate puts the new files in
the place of the old ones, and new connections show it.
"""

import ssl
from pathlib import Path

from gateway.domain.errors import Misconfigured
from gateway.ports import Destined

Stamps = tuple[tuple[int, int], ...]


class Tls:
    """The TLS settings of one axis, read from their files when these changed."""

    def __init__(self, destined: Destined) -> None:
        """Read them once.

        Raises:
            Misconfigured: a file cannot be read, or certificate and key do not belong together.
        """
        self._destined = destined
        named = (destined.ca_file, destined.client_certificate, destined.client_key)
        self._files = [Path(each) for each in named if each]
        if bool(destined.client_certificate) != bool(destined.client_key):
            raise Misconfigured(
                f"the axis {destined.name}: `client_certificate` and `client_key` go together"
            )
        self._seen = self._stamps()
        self.context = self._load()

    def renew(self) -> bool:
        """Read the files again if they changed; return whether there is a new context. Blocks.

        Raises:
            Misconfigured: what is there now cannot be used; the one before stays.
        """
        stamps = self._stamps()
        if stamps == self._seen:
            return False
        self._seen = stamps
        self.context = self._load()
        return True

    def _load(self) -> ssl.SSLContext:
        destined = self._destined
        try:
            context = ssl.create_default_context(cafile=destined.ca_file or None)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if destined.client_certificate:
                context.load_cert_chain(destined.client_certificate, destined.client_key)
        except (OSError, ssl.SSLError) as error:
            named = ", ".join(str(each) for each in self._files)
            raise Misconfigured(f"the axis {destined.name}: {named}: {error}") from error
        return context

    def _stamps(self) -> Stamps:
        """Return what changes when a file is replaced."""
        stamps = []
        for file in self._files:
            try:
                status = file.stat()
            except OSError:
                stamps.append((0, 0))
            else:
                stamps.append((status.st_mtime_ns, status.st_size))
        return tuple(stamps)


def said(error: BaseException, *, doubted: bool) -> str:
    """Return what *error* says of TLS, ``""`` when it is about something else.

    With TLS 1.3 the other side looks at our certificate when we think that the connection stands,
    and what it says then is often lost with the connection. So one that breaks is told as *doubted*
    until the other side has answered once.
    """
    inner: BaseException | None = getattr(error, "certificate_error", None) or error
    while inner is not None and not isinstance(inner, ssl.SSLError | ConnectionResetError):
        inner = inner.__cause__ or inner.__context__
    if isinstance(inner, ssl.SSLCertVerificationError):
        return (
            "chứng thư của bên kia không được tin / its certificate is not believed: "
            f"{inner.verify_message}"
        )
    if isinstance(inner, ssl.SSLError):
        return f"lỗi TLS / TLS failed: {str(inner.reason).lower().replace('_', ' ')}"
    if inner is not None and doubted:
        return (
            "bị ngắt, như khi bên kia không tin chứng thư của nút / "
            "it broke off; whoever does not believe our certificate does that"
        )
    return ""
