"""The damaging program and its parts run on their own; the test calls it."""

collect_ignore = ["damage.py", "run.py", "targets.py"]
