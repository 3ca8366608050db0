"""Who pays: company, shop, contact, payment account."""
