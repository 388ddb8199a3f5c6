"""How much memory there is, held, and asked for."""

from pathlib import Path

import pytest

from rankfirst.errors import OptionError
from rankfirst.measure import memory


@pytest.mark.parametrize(
    ("text", "size"),
    [("4GiB", 4 << 30), ("512MB", 512 << 20), ("1.5 g", 3 << 29), ("4g", 4 << 30), ("2097152", 2 << 20)],
)
def test_an_amount_of_memory_is_parsed(text: str, size: int) -> None:
    assert memory.parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "many", "4 GHz", "-1GiB", "0", "100KiB", "1e9", "nan"])
def test_an_invalid_amount_is_a_one_line_error(text: str) -> None:
    with pytest.raises(OptionError) as caught:
        memory.parse_bytes(text)
    assert caught.value.code == "option.bad_memory"


def files(root: Path, told: dict[str, str]) -> Path:
    for name, text in told.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


MACHINE = {"proc/meminfo": "MemTotal: 9000 kB\nMemAvailable:    5000 kB\n"}
TWO = {"sys/fs/cgroup/memory.max": "3000000\n", "sys/fs/cgroup/memory.current": "2000000",
       "sys/fs/cgroup/memory.stat": "anon 5\ninactive_file 700000\n"}  # fmt: skip
ONE = {"sys/fs/cgroup/memory/memory.limit_in_bytes": "3000000", "sys/fs/cgroup/memory/memory.usage_in_bytes": "2500000",
       "sys/fs/cgroup/memory/memory.stat": "total_inactive_file 100000\n"}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "room"),
    [
        (MACHINE, 5000 * 1024),
        (MACHINE | TWO, 1_700_000),
        (MACHINE | TWO | {"sys/fs/cgroup/memory.max": "max"}, 5000 * 1024),
        (MACHINE | ONE, 600_000),
        (MACHINE | ONE | {"sys/fs/cgroup/memory/memory.limit_in_bytes": str(2**63 - 4096)}, 5000 * 1024),
        (MACHINE | TWO | {"sys/fs/cgroup/memory.current": "9000000"}, 0),
    ],
)
def test_the_container_counts_as_well_as_the_machine(
    tmp_path: Path, told: dict[str, str], room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "held_bytes", lambda: 1000)
    assert memory.allowed_bytes(files(tmp_path, told)) == 1000 + room


def test_a_system_that_reports_no_memory(tmp_path: Path) -> None:
    assert memory.allowed_bytes(tmp_path) is None


def test_this_process_uses_memory() -> None:
    assert 1 << 20 < memory.held_bytes() <= 1.1 * memory.peak_bytes()
