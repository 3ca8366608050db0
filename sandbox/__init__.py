"""A local Alipay: another company's server, with its own books, keys and pages.

It speaks only the wire protocol and imports nothing of the platform. It is not proven against
Alipay's own sandbox.
"""
