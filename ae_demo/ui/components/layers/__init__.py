from ae_demo.ui.components.layers.component import layers, layers_value

__all__ = ["layers", "layers_value"]
