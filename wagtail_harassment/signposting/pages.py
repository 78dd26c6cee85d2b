"""Landing and support pages."""

__all__: list[str] = []
