from ae_demo.ui.components.table.component import table, table_value

__all__ = ["table", "table_value"]
