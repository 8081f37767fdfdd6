"""Use cases of a call: open, permit, follow, end; and who may place calls at all."""
