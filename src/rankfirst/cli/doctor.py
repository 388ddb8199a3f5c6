"""`rankfirst doctor`: show versions, device, base models and network of this machine."""

import json
import os
import platform
import socket
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

import typer

from rankfirst.cli.flags import Json, Speak, language
from rankfirst.errors import ModelError
from rankfirst.messages import Lang, say

PACKAGES = ("rankfirst", "torch", "transformers", "peft", "scikit-learn", "numpy")
WAIT = 3.0  # seconds to wait for the hub


def doctor(lang: Speak = None, as_json: Json = False) -> None:
    from rankfirst.engine.base_models import sources
    from rankfirst.engine.device import device_facts

    spoken = language(lang)
    facts = {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}
    facts |= device_facts() | {"cores": str(os.cpu_count())}
    facts["default_en"] = f"{sources.DEFAULT_EN} ({_there(sources.DEFAULT_EN, spoken)})"
    facts["default_zh"] = f"{sources.DEFAULT_ZH} ({_there(sources.DEFAULT_ZH, spoken)})"
    hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    facts["hub"] = f"{hub} ({say('cli.doctor.yes' if reachable(hub) else 'cli.doctor.no', spoken)})"
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    spoken_names = {"device", "cores", "threads", "dtype", "default_en", "default_zh", "hub"}
    for key, value in facts.items():
        what = say(f"cli.doctor.{key}", spoken) if key in spoken_names else key
        typer.echo(say("cli.doctor.line", spoken, what=what, found=value))


def reachable(url: str) -> bool:
    """Whether a connection to the host of `url` can be opened; no data are sent."""
    if os.environ.get("HF_HUB_OFFLINE") == "1":
        return False
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 443), timeout=WAIT):
            return True
    except (OSError, ValueError):
        return False


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def _there(spec: str, lang: Lang) -> str:
    from rankfirst.engine.base_models import sources

    try:
        sources.resolve(spec, local_only=True)
    except ModelError:
        return say("cli.doctor.missing", lang)
    return say("cli.doctor.here", lang)
