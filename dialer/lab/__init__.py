"""Virtual time: the engine's own pacing against stated worlds and against other dialers' rules.

A world (`world`) says how customers and agents behave, `simulation` lets a policy dial in it, `rivals`
are policies rebuilt from published formulas, `table` compares them and `report` draws the result.
"""
