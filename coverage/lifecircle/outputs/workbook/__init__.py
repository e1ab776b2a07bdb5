"""``deficits.xlsx`` and the tables that share its sheets."""
