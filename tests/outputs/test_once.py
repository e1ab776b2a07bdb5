"""What several outputs ask for is worked out once for each study, and anew for another."""

import dataclasses

from lifecircle.outputs.once import once


def test_an_answer_is_worked_out_once_for_each_question_and_each_study(results):
    asked = []

    @once
    def residents(results, lang, *, most=3):
        asked.append((lang, most))
        return len(results.communities), lang, most

    assert residents(results, "zh") == residents(results, "zh")
    assert residents(results, "zh", most=2) != residents(results, "en", most=2)
    assert asked == [("zh", 3), ("zh", 2), ("en", 2)]

    smaller = dataclasses.replace(results, communities=results.communities.iloc[:1])
    assert residents(smaller, "zh") == (1, "zh", 3)
    assert residents(results, "zh") == (len(results.communities), "zh", 3)
