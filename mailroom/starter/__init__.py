"""The files that a new installation begins with: the project's own rules.yaml, templates/ and config.example.toml."""
