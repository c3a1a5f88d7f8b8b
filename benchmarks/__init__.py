"""Measurements: mailroom beside bare clients that do the same transfers and nothing else. `make bench` runs them."""
