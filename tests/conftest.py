"""What holds for every ring."""

from hypothesis import HealthCheck, settings

# A property is no timed test: the machine may be busy. Examples are fixed under CI, so that a red run replays.
settings.register_profile("winback", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("winback")
