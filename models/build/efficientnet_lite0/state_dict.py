"""Weights of a PyTorch checkpoint of the legacy (before zip) format, read with numpy alone."""
import pickle
import struct
from collections import OrderedDict

import numpy as np

STORAGE_TYPES = {"FloatStorage": np.dtype("<f4"), "HalfStorage": np.dtype("<f2"),
                 "LongStorage": np.dtype("<i8"), "IntStorage": np.dtype("<i4")}


class _Tensor:
    """Where a tensor lies in its storage, as torch pickles it."""

    def __init__(self, storage, offset, shape, strides, *_gradient):
        self.storage_type, self.storage_key = storage
        self.offset, self.shape, self.strides = offset, shape, strides


class _Unpickler(pickle.Unpickler):
    """Builds ordered dicts and tensor references; every other class is refused, so no code of the file runs."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor
        if module == "torch" and name in STORAGE_TYPES:
            return name
        raise pickle.UnpicklingError(f"the checkpoint asks for {module}.{name}, which is not a tensor")

    def persistent_load(self, reference):
        _kind, storage_type, key, *_device_and_size = reference
        return storage_type, key


def read_state_dict(path):
    """Tensors of the checkpoint at `path`, by parameter name, as numpy arrays."""
    with open(path, "rb") as file:
        for _header in ("magic number", "protocol", "system information"):
            _Unpickler(file).load()
        tensors, keys = _Unpickler(file).load(), _Unpickler(file).load()
        types = {tensor.storage_key: STORAGE_TYPES[tensor.storage_type] for tensor in tensors.values()}
        storages = {}
        for key in keys:
            (count,) = struct.unpack("<q", file.read(8))
            storages[key] = np.frombuffer(file.read(count * types[key].itemsize), types[key])
            if len(storages[key]) != count:
                raise ValueError(f"{path} ends inside a tensor")
    return {name: _view(storages[tensor.storage_key], tensor) for name, tensor in tensors.items()}


def _view(storage, tensor):
    strides = [stride * storage.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(storage[tensor.offset:], tensor.shape, strides).copy()
