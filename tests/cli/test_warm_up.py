"""Compiling ahead: the tiny town goes through every room without a remark, and the seconds are told."""


def test_everything_is_compiled_ahead(command):
    said = command("warm-up", "--json")
    assert said.code == 0
    assert [event["event"] for event in said.events][-1] == "warm-up"
    assert said.events[-1]["seconds"] > 0
    stages = [event["stage"] for event in said.events if event["event"] == "stage"]
    assert {"network", "travel", "assessment", "isochrones"} <= set(stages)
