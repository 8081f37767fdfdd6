"""The asyncio shell: facts in, decisions, effects out."""
