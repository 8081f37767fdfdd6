"""What is read of a process that is weighed."""

import pytest

from dialer.cli.bench_weight import bars_of, computing, resident_mb

MAPS = """\
7f1 r-xp 00000000 08:01 1 /opt/winback/lib/python3.11/site-packages/_polars_runtime_32/_polars_runtime.abi3.so
7f2 r-xp 00000000 08:01 2 /opt/winback/lib/python3.11/site-packages/sklearn/utils/murmurhash.cpython-311.so
7f3 r-xp 00000000 08:01 3 /opt/winback/lib/python3.11/site-packages/sqlalchemy/cyextension/collections.so
7f4 r-xp 00000000 08:01 4 /usr/lib/x86_64-linux-gnu/libc.so.6
"""


def test_libraries_that_compute_are_told_by_what_is_mapped() -> None:
    assert ["polars", "sklearn"] == computing(MAPS)


def test_resident_memory_is_told_in_megabytes() -> None:
    assert 111.5 == resident_mb("Name:\tpython\nVmRSS:\t  114176 kB\nVmData:\t 1 kB\n")
    with pytest.raises(ValueError, match="has ended"):
        resident_mb("Name:\tpython\nState:\tZ (zombie)\n")


def test_too_heavy_a_process_and_a_library_that_computes_miss_their_bars() -> None:
    figures = {
        "engine": {"resident_mb": 111.5, "computing": []},
        "web": {"resident_mb": 130.0, "computing": ["sklearn"]},
    }

    assert [bar.figure for bar in bars_of(figures) if not bar.met] == [
        "web: resident memory, MB",
        "web: libraries that only compute",
    ]
