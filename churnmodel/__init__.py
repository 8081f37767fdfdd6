"""A model factory for retention: numbers in, numbers out; no table, no PBX.

Everything here is pure but for `artefact` (model files) and `parts` (Parquet parts).
"""
