from ae_demo.ui.components.sequence.component import sequence, sequence_value

__all__ = ["sequence", "sequence_value"]
