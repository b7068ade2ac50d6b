"""The liaison gateway: an inter-agency document interchange node for Vietnamese state agencies."""
