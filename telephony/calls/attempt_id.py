"""The shape of an attempt's id, which is also its channel's id on the PBX."""

import re
from typing import Final

#: bounded, and of characters that mean nothing in a header, a dialplan or a file name (invariant 9)
ATTEMPT_ID: Final = re.compile(r"wb-[0-9a-z]{8,40}", re.ASCII)
