"""Sessions in the registers of others: what was measured, which model is in use, and since when."""
