"""Writing to whoever reported: messages, templates for them, and telling them outside that one waits."""
