"""For the people who work with mailroom: what would happen to a message and why, and what happened.

Reads files and the ledger, calls the core, changes nothing.
"""
