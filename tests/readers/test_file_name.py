"""What a file's name says."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labdb.errors import InputError, UnknownNameError
from labdb.readers.file_name import match_name


@pytest.mark.parametrize(
    ("pattern", "name", "fields"),
    [
        ("Br7_w_d{days}.txt", "Br7_w_d14.txt", {"days": "14"}),
        ("Br7_w_d{days}.txt", "Br7_w_d0.5.txt", {"days": "0.5"}),
        (
            "{sample}_{condition}_{age}d_v{vial}.csv",
            "S-2601-W1_water_7d_v2.csv",
            {"sample": "S-2601-W1", "condition": "water", "age": "7", "vial": "2"},
        ),
        ("{study} {age} r{replicate}.txt", "ST-01 12h r3.txt", {"study": "ST-01", "age": "12h", "replicate": "3"}),
        ("a+b(1)_{days}.txt", "a+b(1)_3.txt", {"days": "3"}),
        ("Prüfung_{days}.txt", "Pru\u0308fung_3.txt", {"days": "3"}),  # as macOS writes names
    ],
)
def test_a_name_gives_its_fields_as_text(pattern: str, name: str, fields: dict[str, str]) -> None:
    assert match_name(pattern, name) == fields


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("Br7_w_d{days}.txt", "Br8_w_d14.txt"),
        ("Br7_w_d{days}.txt", "Br7_w_d.txt"),
        ("Br7_w_d{days}.txt", "Br7_w_d-1.txt"),
        ("Br7_w_d{days}.txt", "Br7_w_d0,5.txt"),
        ("Br7_w_d{days}.txt", "Br7_w_d14.txt.bak"),
        ("Br7.w_d{days}.txt", "Br7xw_d14.txt"),
        ("{sample}.txt", "../S-1.txt"),
        ("{sample}.txt", ".txt"),
        ("d{days}.txt", "d١٤.txt"),
    ],
)
def test_a_name_that_does_not_fit_is_shown_with_the_pattern(pattern: str, name: str) -> None:
    with pytest.raises(InputError) as refusal:
        match_name(pattern, name)
    assert f'"{name}"' in str(refusal.value)
    assert f'"{pattern}"' in str(refusal.value)


def test_a_name_that_fits_in_two_ways_is_refused_with_both() -> None:
    with pytest.raises(InputError, match="sample S, condition 1_water, age 7, or sample S_1, condition water, age 7"):
        match_name("{sample}_{condition}_{age}d.csv", "S_1_water_7d.csv")


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("Br7_{day.txt", "unpaired"),
        ("Br7_days}.txt", "unpaired"),
        ("{days}_{days}.txt", "stands there twice"),
        ("{sample}{days}.txt", "between two fields"),
        ("Br7.txt", "has no field; known: {sample}"),
    ],
)
def test_a_faulty_pattern_is_explained(pattern: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        match_name(pattern, "Br7_1.txt")


def test_an_unknown_field_lists_or_names_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="did you mean days"):
        match_name("Br7_{day}.txt", "Br7_1.txt")
    with pytest.raises(UnknownNameError, match="known: age, condition, days, replicate, sample, study, vial"):
        match_name("Br7_{operator}.txt", "Br7_1.txt")


words = st.text("abcXYZ019.-+() ", min_size=1, max_size=8)


@given(words, words, st.integers(0, 10_000), st.text("abc019", min_size=1, max_size=3))
def test_what_was_put_into_a_name_comes_out_again(sample: str, condition: str, days: int, vial: str) -> None:
    name = f"{sample}_{condition}_d{days}_v{vial}.txt"
    expected = {"sample": sample, "condition": condition, "days": str(days), "vial": vial}
    assert match_name("{sample}_{condition}_d{days}_v{vial}.txt", name) == expected


@given(words, st.text("abc_", min_size=1, max_size=6), words)
def test_an_answer_given_is_the_only_one_possible(sample: str, separator: str, condition: str) -> None:
    """Put the fields together in every other way the pattern allows: a name with an answer has just one."""
    assume("{" not in separator)
    pattern = f"{{sample}}{separator}{{condition}}"
    name = f"{sample}{separator}{condition}"
    ways = [at for at in range(1, len(name)) if name.startswith(separator, at) and at + len(separator) < len(name)]
    if len(ways) == 1:
        assert match_name(pattern, name) == {"sample": sample, "condition": condition}
    else:
        with pytest.raises(InputError, match="in two ways"):
            match_name(pattern, name)
