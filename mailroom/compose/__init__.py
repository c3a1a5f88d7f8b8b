"""Decision -> Submissions: what goes out, to the last byte.

Promises: pure and deterministic, so that a retry is the same bytes; one recipient a submission; 7-bit CRLF lines;
headers that hold exactly what was set (T-01); originals octet for octet. Templates are staff's, sandboxed and checked.
May import: mailroom.model and mailroom.identity.
"""

from mailroom.compose.acknowledgement import acknowledgement
from mailroom.compose.canary import canary, canary_forward, returned
from mailroom.compose.clean import clean_header
from mailroom.compose.encoding import PIECE, encode_original
from mailroom.compose.forward import alert, forward, notice, raw_forward
from mailroom.compose.keys import limit_key
from mailroom.compose.preview import FORMS, catalogue, preview
from mailroom.compose.readdress import readdress, without_original
from mailroom.compose.templates import TemplateSet, load_templates

__all__ = [
    "FORMS",
    "PIECE",
    "TemplateSet",
    "acknowledgement",
    "alert",
    "canary",
    "canary_forward",
    "catalogue",
    "clean_header",
    "encode_original",
    "forward",
    "limit_key",
    "load_templates",
    "notice",
    "preview",
    "raw_forward",
    "readdress",
    "returned",
    "without_original",
]
