"""The few things without a domain: clock, money, encrypted fields, files, links."""
