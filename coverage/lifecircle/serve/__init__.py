"""The what-if page: one study's session behind a page of this computer's own, asked by clicks."""
