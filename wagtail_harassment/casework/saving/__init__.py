"""Lists of cases that somebody has given a name: kept, shared, counted, and told of by e-mail."""
