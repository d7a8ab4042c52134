from .component import code_neighbours

__all__ = ["code_neighbours"]
