"""What reporting tells the rooms above it."""

from django.dispatch import Signal

#: A report was received. Sent inside the transaction that stores it, with ``report`` (the row) and ``answers``
#: (a plain ``{code: value}``, in memory only: a receiver stores none of it in clear), ``is_test``, and ``signs``
#: (codes: why it may come from a machine). A receiver that fails does not undo the report.
report_sent = Signal()
