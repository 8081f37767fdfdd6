"""What holds for every ring."""

import os

from hypothesis import HealthCheck, settings

# A property is no timed test: the machine may be busy. Under CI the examples are always the same ones.
settings.register_profile(
    "winback",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("winback")
