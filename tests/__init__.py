"""Tests of mailroom. What several of them need is in conftest.py and in tests/servers."""
