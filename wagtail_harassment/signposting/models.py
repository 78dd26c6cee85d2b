"""Support services: the one place where a helpline's number stands."""

__all__: list[str] = []
