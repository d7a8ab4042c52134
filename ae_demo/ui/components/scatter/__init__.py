from ae_demo.ui.components.scatter.component import scatter, scatter_value

__all__ = ["scatter", "scatter_value"]
