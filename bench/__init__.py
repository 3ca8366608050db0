"""How fast the core is beside what people would use instead, and beside what the machine allows."""
