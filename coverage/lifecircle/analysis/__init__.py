"""From a study to results: `run` is the whole line, in order; `session` answers scenarios."""
