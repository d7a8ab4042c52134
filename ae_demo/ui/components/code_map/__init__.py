from .component import code_map, code_map_value, landed_value

__all__ = ["code_map", "code_map_value", "landed_value"]
