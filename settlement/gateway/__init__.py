"""The way to Alipay: what is asked, how it travels, how an answer is read. Nothing else calls out.

`adapter` has the two calls, `send` and `query`; `notices` verifies what Alipay tells us unasked.
"""
