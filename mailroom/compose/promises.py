"""Words by which an acknowledgement would promise a time or an answer, in four languages, for lint.

Promises: patterns over text without case and accents; linear. A template that needs one of these words in a sentence
that promises nothing must be worded otherwise: the list is blunt so that it can be trusted.
May import: re.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORDS = {
    "es": "dias? horas? minutos? semanas? mes(?:es)? manana pronto brevedad brevemente inmediatamente enseguida "
    "responderemos contestaremos llamaremos protegeremos resolveremos garantiza(?:mos)? prometemos lunes viernes",
    "en": "days? hours? minutes? weeks? months? tomorrow soon shortly promptly immediately guaranteed? monday friday",
    "pt": "dias? horas? minutos? semanas? mes(?:es)? amanha brevemente imediatamente responderemos ligaremos "
    "protegeremos resolveremos garantimos prometemos segunda-feira sexta-feira",
    "fr": "jours? heures? minutes? semaines? mois demain bientot prochainement immediatement repondrons contacterons "
    "protegerons garantissons promettons lundi vendredi",
}
_PHRASES = {
    "es": ("en breve", "cuanto antes", "de inmediato", "lo mas pronto"),
    "en": (
        r"we will (?:reply|answer|respond|contact|call|protect|decide)",
        "as soon as",
        "right away",
        "in due course",
    ),
    "pt": ("em breve", "o quanto antes", "de imediato"),
    "fr": ("sous peu", "meilleurs delais", "des que possible", "au plus vite"),
}

PROMISES: Mapping[str, tuple[re.Pattern[str], ...]] = {
    language: (
        re.compile(rf"\b(?:{'|'.join(words.split())})\b"),
        re.compile(r"\b(?:" + "|".join(_PHRASES[language]).replace(" ", r"\s+") + r")\b"),
    )
    for language, words in _WORDS.items()
}
"""language -> patterns, to be searched in folded text."""
