"""Preloaded by the fork server, so that each worker shares the core's code and language model instead of loading it.

Importing this module is its whole effect.
"""

import gc

gc.disable()  # until a worker is ready: what is loaded here stays for good

from mailroom import message, pipeline  # noqa: E402

message.warm()

__all__ = ["pipeline"]
