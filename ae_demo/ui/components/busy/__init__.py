from ae_demo.ui.components.busy.component import (
    busy,
    busy_ended,
    busy_failed,
    busy_value,
    mark_stale,
    not_before,
    shown_by,
    when_still,
)

__all__ = ["busy", "busy_ended", "busy_failed", "busy_value", "mark_stale", "not_before", "shown_by", "when_still"]
