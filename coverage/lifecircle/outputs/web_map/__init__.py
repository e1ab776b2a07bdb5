"""``gap_map.html``: the planner's map."""
