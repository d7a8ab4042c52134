"""Compression: an entropy coder, the file format, and pictures as bytes."""

from .compression import compress, decompress, encode_map, pack

__all__ = ["compress", "decompress", "encode_map", "pack"]
