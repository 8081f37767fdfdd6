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
# `make fuzz`: chance anew at every run, and as many examples as fit into some minutes.
settings.register_profile("fuzz", settings.get_profile("winback"), derandomize=False, max_examples=5_000)
settings.load_profile("winback")
