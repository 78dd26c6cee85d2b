"""Reading a report: the first account, opened, with the questions as they were asked."""
