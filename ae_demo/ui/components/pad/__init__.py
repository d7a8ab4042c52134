from ae_demo.ui.components.pad.component import PAD_SIDE, decode_pad, pad

__all__ = ["PAD_SIDE", "decode_pad", "pad"]
