"""Remote storage of a run: any address that pyarrow or fsspec opens, such as s3://bucket/run or a folder on NFS."""

import os
import posixpath
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from rankfirst.errors import OptionError, RunError, first_line

T = TypeVar("T")
WAITS: Final = (0.5, 2.0)  # seconds before the second and the third try, for transient network errors
LAST: Final = "manifest.json"  # of a delivery: what it lists is there before it
_SECRET: Final = ("key", "secret", "token", "password", "sas")  # in the name of a query parameter: a credential


class Storage:
    """Files below one address. Credentials come from the environment, as for each store's own tools."""

    def __init__(self, address: str) -> None:
        """Raises: OptionError for an invalid address or one with a credential; RunError if it is unreachable."""
        self.address = _checked(address)
        self._files, self._root = self._tried(lambda: _opened(self.address))
        self._local = self._files.type_name == "local"

    def push(self, path: Path, name: str) -> None:
        """Upload a file under this name, atomically. Raises: RunError; OSError for the local file."""
        remote = posixpath.join(self._root, name)
        content = path.read_bytes()

        def put() -> None:
            self._files.create_dir(posixpath.dirname(remote), recursive=True)
            # An object store shows an object only when it is complete; on a disk this takes a rename.
            written = f"{remote}.part" if self._local else remote
            with self._files.open_output_stream(written) as stream:
                stream.write(content)
            if self._local:
                self._files.move(written, remote)

        self._tried(put)

    def pull(self, name: str, path: Path) -> bool:
        """Download a file to `path`, atomically. Returns: False if it does not exist. Raises: RunError."""
        remote = posixpath.join(self._root, name)

        def get() -> Any:
            with self._files.open_input_stream(remote) as stream:
                return stream.read()

        try:
            content = self._tried(get, absent=(FileNotFoundError,))
        except FileNotFoundError:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.pulled")
        temporary.write_bytes(content)
        os.replace(temporary, path)
        return True

    def names(self) -> list[str]:
        """The names of all files below the address, with `/` between folders. Raises: RunError."""
        from pyarrow.fs import FileSelector, FileType

        selector = FileSelector(self._root, allow_not_found=True, recursive=True)
        files = self._tried(lambda: self._files.get_file_info(selector))
        start = len(self._root.rstrip("/")) + 1
        return sorted(f.path[start:] for f in files if f.type is FileType.File)

    def remove(self, names: list[str]) -> None:
        """Delete these files. Raises: RunError."""
        for name in names:
            self._tried(partial(self._files.delete_file, posixpath.join(self._root, name)))

    def _tried(self, work: Callable[[], T], absent: tuple[type[Exception], ...] = ()) -> T:
        """Call `work`, at most three times. Raises: exceptions of type `absent` unchanged; RunError for others."""
        for wait in (*WAITS, None):
            try:
                return work()
            except absent:
                raise
            except (OSError, ValueError, ImportError) as error:
                if wait is None or isinstance(error, ValueError | ImportError):
                    raise RunError("storage.failed", address=self.address, why=first_line(error)) from error
                time.sleep(wait)
        raise AssertionError  # unreachable


@contextmanager
def mirrored(
    folder: Path, address: str | None, names: tuple[str, ...], overwrite: bool
) -> Iterator[Callable[..., None]]:
    """Download the run at `address` if `folder` has none yet; yields a function that uploads `names`.

    Args:
        names: files and folders of the run to upload; engines upload checkpoints themselves.
        overwrite: delete the remote run first (the caller deletes the local one).
    Raises: OptionError, RunError.
    """
    if address is None:
        yield lambda *some: None
        return
    storage = Storage(address)
    remote_names = storage.names()
    if overwrite:
        storage.remove([name for name in remote_names if name.split("/")[0] in {*names, "work"}])
    elif names[0] in remote_names and not (folder / names[0]).exists():
        for name in remote_names:
            parts = name.split("/")
            if parts[0] in names and ".." not in parts:  # an object's key may contain anything
                storage.pull(name, folder / name)

    def keep(*some: str) -> None:
        for name in some or names:
            path = folder / name
            files = sorted(path.rglob("*"), key=lambda file: (file.name == LAST, file)) if path.is_dir() else [path]
            for file in files:
                if file.is_file():
                    storage.push(file, file.relative_to(folder).as_posix())

    yield keep


def _checked(address: str) -> str:
    """Raises: OptionError."""
    parts = urlsplit(address)
    secret = parts.password or any(word in name.lower() for name in _parameters(parts.query) for word in _SECRET)
    if secret:  # the journal and the command that continues the run contain the address
        raise OptionError("storage.secret")
    if not address.strip() or (len(parts.scheme) > 1 and not (parts.netloc or parts.path.strip("/"))):
        raise OptionError("storage.bad_address", address=address)
    return address if len(parts.scheme) > 1 else str(Path(address).expanduser().absolute())


def _parameters(query: str) -> list[str]:
    return [pair.partition("=")[0] for pair in query.split("&") if pair]


def _opened(address: str) -> tuple[Any, str]:
    """(pyarrow's file system, path in it): pyarrow's own if it supports the scheme, else fsspec's."""
    import pyarrow
    from pyarrow.fs import FileSystem, FSSpecHandler, PyFileSystem

    try:
        files, root = FileSystem.from_uri(address)
    except pyarrow.ArrowInvalid as error:
        if "Unrecognized filesystem type" not in str(error):
            raise
        import fsspec

        file_system, root = fsspec.core.url_to_fs(address)
        files = PyFileSystem(FSSpecHandler(file_system))
    return files, root
