from pipeline.stories.naming import name_stories


def test_a_new_story_is_called_after_its_first_document() -> None:
    assert name_stories([["a", "b"], ["c"]], {}) == ["a", "c"]


def test_a_story_that_grows_keeps_its_id_also_when_an_earlier_report_turns_up() -> None:
    assert name_stories([["late", "a", "b"]], {"a": "a", "b": "a"}) == ["a"]


def test_of_merged_stories_the_larger_keeps_its_id_and_of_equals_the_earlier() -> None:
    assert name_stories([["a", "b", "c"]], {"a": "a", "b": "b", "c": "b"}) == ["b"]
    assert name_stories([["b", "a"]], {"a": "a", "b": "b"}) == ["b"]


def test_of_a_story_that_falls_apart_the_larger_part_keeps_the_id() -> None:
    assert name_stories([["a"], ["b", "c"]], {"a": "a", "b": "a", "c": "a"}) == ["a-2", "a"]
    assert name_stories([["a", "b"], ["c", "d"]], dict.fromkeys("abcd", "a")) == ["a", "c"]


def test_a_name_that_a_story_elsewhere_has_is_not_given_twice() -> None:
    assert name_stories([["a", "b"]], {}, taken="a".__eq__) == ["b"]
    assert name_stories([["a"]], {}, taken="a".__eq__) == ["a-2"]
