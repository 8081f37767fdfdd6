"""Asterisk's own configuration, rendered from settings: manager, dialplan, queues, agent pool."""
