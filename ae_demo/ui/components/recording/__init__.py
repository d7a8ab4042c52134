from ae_demo.ui.components.recording.component import recording

__all__ = ["recording"]
