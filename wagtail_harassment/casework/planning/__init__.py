"""What is to be done on a case, by whom and by when: tasks, checklists, reminders, and cases on hold."""
