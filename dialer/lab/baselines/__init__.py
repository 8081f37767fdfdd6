"""Other dialers' pacing, rebuilt from their published formulas (docs/pacing.md names the sources).

Nothing here is their code, and none of it was run against them; where a source leaves something open,
the module says what was assumed. They are told only what those dialers know.
"""
