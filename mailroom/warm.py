"""Preloaded by the fork server, so that each worker shares the core's code and language model instead of loading it.

Importing this module is its whole effect.
"""

from mailroom import message, pipeline

message.warm()

__all__ = ["pipeline"]
