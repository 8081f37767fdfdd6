"""The dialer itself: rules, database, use cases, engine, jobs, pages, commands, lab."""
