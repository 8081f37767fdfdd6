"""Virtual time: the engine's own pacing against stated scenarios and against other dialers' rules.

A scenario (`scenario`) says how customers and agents behave, `simulation` lets a policy dial in it,
`baselines` are policies rebuilt from published formulas, `table` compares them and `report` draws the result.
"""
