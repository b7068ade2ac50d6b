"""`gateway.toml` as frozen values.

Every key is a field here with its sentence; `gateway init` writes the file from these modules. An
unknown key is an error that names the key and its nearest known neighbour. Relative paths start
at the folder of the file. Secrets come by ``…_env`` or ``…_file`` only.
"""

from gateway.config.exchanging import AgencyProfile, Axis, Office, Peer
from gateway.config.loading import load, parse, secret
from gateway.config.serving import EXTENSIONS, Http, Node
from gateway.config.signing import Signatures
from gateway.config.storing import RetentionRule, Storage
from gateway.config.whole import Config

__all__ = [
    "EXTENSIONS",
    "AgencyProfile",
    "Axis",
    "Config",
    "Http",
    "Node",
    "Office",
    "Peer",
    "RetentionRule",
    "Signatures",
    "Storage",
    "load",
    "parse",
    "secret",
]
