"""A required signature: only what that key signed is loaded."""

import hashlib
import sys
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from rankfirst.cli.main import app
from rankfirst.errors import OptionError, RunError
from rankfirst.lifecycle.gate import gate
from rankfirst.model import manifest, signature
from rankfirst.model.classifier import load
from tests.model import deliveries
from tests.model.deliveries import TEXTS


class Key:
    """A stand-in for the package's keys: both halves hold the same secret, so that no package is needed."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret

    def sign(self, content: bytes) -> bytes:
        return hashlib.sha256(self.secret + content).digest()

    def verify(self, signed: bytes, content: bytes) -> None:
        if signed != self.sign(content):
            raise sys.modules["cryptography.exceptions"].InvalidSignature  # type: ignore[attr-defined]


def _stub(patch: pytest.MonkeyPatch) -> None:
    def read(content: bytes, password: None = None) -> Key:
        if not content.startswith(b"PEM "):
            raise ValueError
        return Key(content)

    parts = {
        "cryptography.exceptions": {"InvalidSignature": type("InvalidSignature", (Exception,), {})},
        "cryptography.hazmat.primitives.serialization": {"load_pem_private_key": read, "load_pem_public_key": read},
        "cryptography.hazmat.primitives.asymmetric.ed25519": {"Ed25519PrivateKey": Key, "Ed25519PublicKey": Key},
    }
    for name, members in parts.items():
        for at in range(1, name.count(".") + 2):
            whole = ".".join(name.split(".")[:at])
            if whole not in sys.modules or not isinstance(sys.modules[whole], Stub):
                patch.setitem(sys.modules, whole, Stub(whole))
        vars(sys.modules[name]).update(members)
        parent, _, own = name.rpartition(".")
        setattr(sys.modules[parent], own, sys.modules[name])


class Stub(ModuleType):
    __path__: list[str] = []  # noqa: RUF012 - as a package has it


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two keys; the environment is put back."""
    _stub(monkeypatch)
    monkeypatch.setenv(signature.VARIABLE, "")
    for name in ("ours", "theirs"):
        (tmp_path / name).write_text(f"PEM {name}", encoding="utf-8")
    return tmp_path / "ours", tmp_path / "theirs"


def test_only_what_the_key_signed_is_loaded(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    run, (ours, theirs) = deliveries.new(tmp_path), keys
    signature.require(ours)
    for use in (lambda: load(run), lambda: gate(run, 0.01)):
        with pytest.raises(RunError, match="is not signed"):
            use()
    assert CliRunner().invoke(app, ["sign", str(run), "--key", str(theirs)]).exit_code == 0
    with pytest.raises(RunError, match="not a signature by"):
        load(run)
    assert CliRunner().invoke(app, ["sign", str(run), "--key", str(ours)]).exit_code == 0
    assert load(run).predict(TEXTS) and gate(run, 0.01)
    with pytest.raises(RunError, match="is not signed"):
        load(deliveries.old(tmp_path / "older"))


def test_a_delivery_of_before_does_not_pass_for_a_new_one(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    run = deliveries.new(tmp_path)
    signature.sign(run / "model", manifest.digest(run / "model"), keys[0])
    (run / "model" / "README.md").write_text("other", encoding="utf-8")
    manifest.write(run / "model")
    signature.require(keys[0])
    with pytest.raises(RunError, match="earlier state"):
        load(run)
    for damaged in ("", "{}", "[]", '{"signature": "?", "digest": ""}'):
        (run / "model" / signature.FILE).write_text(damaged, encoding="utf-8")
        with pytest.raises(RunError, match="not a signature by"):
            load(run)


def test_what_is_damaged_or_old_is_not_signed(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    run = deliveries.new(tmp_path / "a")
    (run / "model" / "labels.json").write_text("[]", encoding="utf-8")
    for folder, told in (
        (run, "not the file that was delivered"),
        (deliveries.old(tmp_path / "b"), "manifest.json to sign"),
    ):
        refused = CliRunner().invoke(app, ["sign", str(folder), "--key", str(keys[0])]).exception
        assert isinstance(refused, RunError) and told in str(refused)


def test_a_key_that_is_none_is_one_line(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    run = deliveries.new(tmp_path)
    keys[1].write_text("no key", encoding="utf-8")
    for words in (["sign", str(run), "--key"], ["gate", str(run), "--min-macro-f1", "0.1", "--require-signature"]):
        refused = CliRunner().invoke(app, [*words, str(keys[1])]).exception
        assert isinstance(refused, OptionError) and refused.code == "signature.bad_key"


def test_without_the_package_it_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    monkeypatch.setenv(signature.VARIABLE, "")
    refused = CliRunner().invoke(app, ["sign", str(deliveries.new(tmp_path)), "--key", str(tmp_path / "key")]).exception
    assert isinstance(refused, OptionError) and "rankfirst[sign]" in str(refused)


def test_real_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cryptography", reason="signing needs the extra sign")
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    monkeypatch.setenv(signature.VARIABLE, "")
    private, run = Ed25519PrivateKey.generate(), deliveries.new(tmp_path)
    (tmp_path / "key").write_bytes(
        private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    )
    (tmp_path / "public").write_bytes(
        private.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    )
    signature.sign(run / "model", manifest.digest(run / "model"), tmp_path / "key")
    signature.require(tmp_path / "public")
    assert load(run).predict(TEXTS)
