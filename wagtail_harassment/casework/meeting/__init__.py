"""Meeting the people of a case: times that staff publish, meetings that are planned, held, moved or missed."""
