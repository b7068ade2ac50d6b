"""The wiring: a configuration becomes a gateway, every room with its equipment.

The only floor that sees both wings. Nothing is decided here, nothing runs at import; what is opened
is closed in the opposite order when the context ends.
"""
