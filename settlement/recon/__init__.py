"""Our books against the gateway's, on three levels, and what follows from a difference.

`recheck` asks again about operations that were closed lately (level 1); `days` fetches the bill of
each day, `lines` compares it line by line (level 2) and `totals` by its balances (level 3), also
what has been on its way for too long; `watch` looks at freezes near their end; `restore` finds what
a restored backup has lost. Every difference is a row that vanishes by itself or is worked off by
ops (`items`). Nothing here moves money, except through the owner's verbs.
"""
