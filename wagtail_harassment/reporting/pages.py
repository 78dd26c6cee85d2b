"""Pages of the reporter's journey."""

__all__: list[str] = []
