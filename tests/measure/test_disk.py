"""What safetensors makes of a full disk is an OSError like any other."""

import errno

import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors.numpy import save_file

from rankfirst.measure.disk import plain_os_errors


def test_a_full_disk_is_an_os_error() -> None:
    with pytest.raises(OSError) as caught, plain_os_errors():
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")
    assert caught.value.errno == errno.ENOSPC and caught.value.strerror == "No space left on device"


def test_a_missing_folder_is_an_os_error(tmp_path) -> None:
    with pytest.raises(FileNotFoundError), plain_os_errors():
        save_file({"a": np.zeros(3)}, tmp_path / "absent" / "x.safetensors")


def test_other_errors_pass_through() -> None:
    with pytest.raises(SafetensorError), plain_os_errors():
        raise SafetensorError("header too large")
