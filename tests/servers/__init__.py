"""Servers to test against, and the audit that says whether a run kept its promises.

dovecot: a real IMAP server. smtp_sink: an SMTP server that keeps what it accepts and fails by script. proxy: a line
that can be cut. certificates: a private authority. enquiries: practice mail. audit: what came out against what went in.
Nothing here imports mailroom: these judge it.
"""
