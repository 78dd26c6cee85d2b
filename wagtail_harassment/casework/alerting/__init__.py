"""Nothing goes unread: what is left lying is raised, to whom, by which route, and whether that works."""
