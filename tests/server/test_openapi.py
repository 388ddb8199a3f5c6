"""What /openapi.json says of both servers is what they do: every operation, with a token and without one."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="serving needs the extra serve (pip install -e '.[dev]')")
pytest.importorskip("prometheus_client", reason="serving needs the extra serve (pip install -e '.[dev]')")
pytest.importorskip("schemathesis", reason="reads /openapi.json (pip install -e '.[dev]')")
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from rankfirst.server import app, tenant_routes
from rankfirst.server.reload import Holder
from rankfirst.server.tenants import Tenants
from tests.server import test_server, test_tenants

EXAMPLES = 25  # an operation, a kind of data
TOKEN = {"Authorization": "Bearer s3cret"}


def one(root: Path, token: str | None) -> Any:
    mark = root / "run" / "model" / "decision.json"
    mark.parent.mkdir(parents=True)
    mark.write_text("{}")
    return app.create(Holder(test_server.Model, mark), token)


def several(root: Path, token: str | None) -> Any:
    test_tenants.put(root, "acme")
    test_tenants.put(root, "dead", "broken")
    return tenant_routes.create(Tenants(root, test_tenants.loader(), 2, 1000), token)


def cases(schema: Any) -> Iterator[tuple[str, Any]]:
    """(path, strategy) of every operation, with data as described and with data that is not."""
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            yield operation.path, operation.as_strategy(generation_mode=mode)
        if "{tenant}" in operation.path:  # else nobody would ever guess a name
            for name in ("acme", "dead"):
                yield operation.path.replace("{tenant}", name), operation.as_strategy(path_parameters={"tenant": name})


def play(strategy: Any, headers: dict[str, str], left: list[Any]) -> set[int]:
    """The statuses that some requests got. Raises: whatever a check finds."""
    seen = set()

    @settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategy)
    def ask(case: Any) -> None:
        seen.add(case.call_and_validate(headers=headers, excluded_checks=left).status_code)

    with contextlib.suppress(Unsatisfiable):  # nothing is wrong with a request that takes nothing
        ask()
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("token", [None, "s3cret"], ids=["open", "token"])
@pytest.mark.parametrize("made", [one, several], ids=["one", "tenants"])
def test_every_operation_conforms_to_its_schema(
    made: Callable[[Path, str | None], Any], token: str | None, tmp_path: Path
) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", made(tmp_path, token))
    # Tenants may have tokens of their own, so that one is declared even where none is asked for.
    left = [schemathesis.checks.ignored_auth] if made is several and token is None else []
    schema.config.generation.with_security_parameters = not left
    seen: dict[str, set[int]] = {}
    for path, strategy in cases(schema):
        down = [schemathesis.checks.not_a_server_error] if "dead" in path else []  # its 503 is as it should be
        for headers in (TOKEN, {}) if token else ({},):
            seen.setdefault(path, set()).update(play(strategy, headers, left + down))
    assert {200} <= seen["/v1/classify" if made is one else "/v1/acme/classify"]
    assert 422 in seen["/v1/classify" if made is one else "/v1/{tenant}/classify"]
    assert token is None or all(401 in codes for path, codes in seen.items() if path.startswith("/v1/"))
