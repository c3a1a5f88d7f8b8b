"""Languages, dates and sizes as each of the four languages writes them (CLDR, by Babel).

Promises: pure per message: the locales are loaded when this module is, nothing is opened later but a time zone's
table once. May import: babel, functools, zoneinfo, datetime, mailroom.model.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from mailroom.model import LANGUAGES

_LOCALES = {language: Locale.parse(language) for language in LANGUAGES}
_NAMES = {language: dict(locale.languages) for language, locale in _LOCALES.items()}
_UNKNOWN = {"es": "desconocido", "en": "unknown", "pt": "desconhecido", "fr": "inconnue"}


def language_name(code: str, language: str) -> str:
    """The language `code` of a Message, by its name in `language`: "other:ht" in es is "criollo haitiano"."""
    if code == "unknown":
        return _UNKNOWN[language]
    short = code.removeprefix("other:")
    return str(_NAMES[language].get(short, short))


@lru_cache(maxsize=64)
def long_date(day: date, language: str) -> str:
    """ "23 de noviembre de 2026"."""
    text = str(format_date(day, "long", locale=_LOCALES[language]))
    return f"1er {text[2:]}" if language == "fr" and text.startswith("1 ") else text  # CLDR writes "1 mars"


def day_and_time(moment: datetime, timezone: str, language: str) -> str:
    """ "23 de noviembre de 2026, 15:04 (UTC)", in the time zone of the configuration."""
    local = moment.astimezone(zone(timezone))
    return f"{long_date(local.date(), language)}, {local:%H:%M} ({clock_name(local)})"


def clock_name(local: datetime) -> str:
    offset = local.strftime("%z")
    return "UTC" if offset in ("", "+0000") else f"UTC{offset[:3]}:{offset[3:5]}"


@lru_cache(maxsize=16)
def zone(name: str) -> tzinfo:
    """The time zone, or UTC where the machine does not know it."""
    if name == "UTC":
        return UTC  # no file is opened for it
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return UTC


def octets(number: int, language: str) -> str:
    """ "1,4 MB" "812 kB" "17 B"."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= size:
            return f"{decimal(round(number / size, 1), language)} {unit}"
    return f"{number} B"


@lru_cache(maxsize=256)
def decimal(number: float, language: str) -> str:
    return str(format_decimal(number, locale=_LOCALES[language], format="#,##0.#"))
