"""mailroom: routes, forwards and acknowledges the mail of a public mailbox."""

__version__ = "0.1.0"
