"""HTTPS to a token endpoint: a time limit on everything, certificates always checked, trouble in words of ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from mailroom.model import Misconfigured, Unavailable

TIMEOUT = (10.0, 20.0)  # seconds to connect, seconds without an octet
for _name in ("urllib3", "msal"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that they speak of what is sent


class Session(requests.Session):
    """`ca_file`: a private authority, beside which none is believed; None: those that the system trusts."""

    def __init__(self, ca_file: Path | None) -> None:
        super().__init__()
        if ca_file is not None:
            self.verify = str(ca_file)
            self.trust_env = False

    def request(self, method: Any, url: Any, *words: Any, **options: Any) -> requests.Response:
        options["timeout"] = TIMEOUT
        response = super().request(method, url, *words, **options)
        if response.status_code == 429 or response.status_code >= 500:
            raise requests.exceptions.HTTPError(response=response)
        return response


@contextmanager
def trouble(url: str) -> Iterator[None]:
    """What requests raises becomes Unavailable or Misconfigured; an answer's text is never repeated."""
    host = urlsplit(url).netloc
    try:
        yield
    except requests.exceptions.SSLError:
        raise Misconfigured(
            f"the certificate of {host} is not valid",
            "where a gateway opens TLS on the way, name its authority with ca_file in [oauth2]; is the clock right?",
        ) from None
    except requests.exceptions.HTTPError as error:
        after = str(error.response.headers.get("Retry-After", ""))
        raise Unavailable(
            f"no access token: {host} answers {error.response.status_code}", float(after) if after.isdigit() else None
        ) from None
    except (requests.exceptions.RequestException, OSError) as error:
        raise Unavailable(f"no access token: {host} cannot be reached ({type(error).__name__})") from None
