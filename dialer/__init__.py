"""The dialer itself: rules, book, use cases, engine, jobs, pages, commands, lab."""
