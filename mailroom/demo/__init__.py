"""The whole job on embedded servers: an IMAP and an SMTP server on loopback, sample mail, and the real daemon.

Nothing here is used in service. The servers (pymap, aiosmtpd) are the extra `demo`.
"""

from __future__ import annotations

from mailroom.demo.play import play

__all__ = ["play"]
