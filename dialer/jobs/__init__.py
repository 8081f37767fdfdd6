"""Minutes-long work on rq: import, train, score, reports."""
