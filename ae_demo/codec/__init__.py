"""Image compression with a model: an entropy coder, a file format, and functions to compress and decompress."""

from .compression import compress, decompress, encode_map, pack

__all__ = ["compress", "decompress", "encode_map", "pack"]
