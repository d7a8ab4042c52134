"""Image compression: an entropy coder, a file format, and compression of pictures with a model."""

from .compression import compress, decompress, encode_map, pack

__all__ = ["compress", "decompress", "encode_map", "pack"]
