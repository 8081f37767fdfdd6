"""When to ring, and how many: facts about agents and calls in, a decision with its reason out.

`choice.pacer_for` is the one place that chooses a pacer. Everything here is pure: a pacer holds the
state of its estimates and nothing else, and the same code runs in the engine and in the lab.
"""
