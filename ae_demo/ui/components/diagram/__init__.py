from ae_demo.ui.components.diagram.component import diagram, diagram_value, layer_value

__all__ = ["diagram", "diagram_value", "layer_value"]
