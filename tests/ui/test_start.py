"""From a command to an address: one clear line for what cannot be served."""

import builtins
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rankfirst.cli.main import app
from rankfirst.errors import OptionError
from rankfirst.ui.start import bind, serve


@pytest.fixture
def busy() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def test_the_error_for_a_busy_port_names_the_next_free_one(busy: int) -> None:
    with pytest.raises(OptionError) as refused:
        bind("127.0.0.1", busy)
    assert refused.value.code == "ui.busy_port" and int(str(refused.value.fields["free"])) > busy
    made, local = bind("127.0.0.1", int(str(refused.value.fields["free"])))
    made.close()
    assert local


@pytest.mark.parametrize(("host", "local"), [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False)])
def test_loopback_addresses_are_recognised(host: str, local: bool) -> None:
    made, found = bind(host, 0)
    made.close()
    assert found is local


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7", "", "x" * 300, "a..b"])
def test_a_host_that_is_not_this_machine_is_an_error(host: str) -> None:
    with pytest.raises(OptionError) as refused:
        bind(host, 0)
    assert refused.value.code == "ui.no_host"


def test_a_missing_folder_is_an_error_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(OptionError) as refused:
        serve([tmp_path, tmp_path / "gone"])
    assert refused.value.code == "ui.no_folder" and "gone" in str(refused.value)


@pytest.mark.parametrize("package", ["fastapi", "uvicorn"])
def test_without_the_extra_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    real = builtins.__import__

    def missing(name: str, *given: Any, **more: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
        return real(name, *given, **more)

    for loaded in ("rankfirst.ui.app", "rankfirst.ui.server_events"):
        monkeypatch.delitem(__import__("sys").modules, loaded, raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(OptionError) as refused:
        serve([tmp_path])
    assert refused.value.code == "ui.no_extra" and "rankfirst[ui]" in str(refused.value)


def test_the_command_has_help_and_rejects_a_missing_folder(tmp_path: Path) -> None:
    assert "--port" in CliRunner().invoke(app, ["ui", "--help"], env={"COLUMNS": "200"}).output
    outcome = CliRunner().invoke(app, ["ui", str(tmp_path / "gone")])
    assert isinstance(outcome.exception, OptionError)
