"""What became of a call: typed call facts, folded from PBX events without any I/O."""
