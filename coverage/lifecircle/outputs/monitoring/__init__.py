"""``monitoring.xlsx``: the forms that an office fills in every year, and several years side by side."""
