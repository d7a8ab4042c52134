from .component import chart, chart_value, line

__all__ = ["chart", "chart_value", "line"]
