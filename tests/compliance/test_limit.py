"""Limits are read strictly, agree with the shared table, and say what they are."""

import csv
from datetime import date
from pathlib import Path

import pytest

from labdb.compliance.limit import Basis, Limit, LimitStatus, Operator, limit, limit_status_words, limits, load_limits
from labdb.errors import InputError, UnknownNameError

GOOD = {
    "authority": '"the laboratory"',
    "document": '"own criterion"',
    "edition": '"1"',
    "citation": '"notebook 7"',
    "kind": '"released_lead_mass_fraction"',
    "basis": '"released_per_mass"',
    "value": "5",
    "unit": '"ug/g"',
    "operator": '"<="',
    "status": '"in force"',
    "mark": '"laboratory criterion"',
}

# How the shared table writes what labdb writes otherwise.
BASIS = {
    "in water": Basis.IN_WATER,
    "in air": Basis.IN_AIR,
    "in blood": Basis.IN_BLOOD,
    "in TCLP extract": Basis.IN_EXTRACT,
    "total per week": Basis.TOTAL_PER_WEEK,
    "total per mass": Basis.TOTAL_PER_MASS,
    "total per day": Basis.TOTAL_PER_DAY,
    "released per mass": Basis.RELEASED_PER_MASS,
}
UNIT = {"ug/day": "ug/d", "ug/m3": "ug/m**3", "ug/(kg bw week)": "ug/kg/week", "% (m/m)": "mg/kg"}


def written(folder: Path, name: str = "LAB-1", file: str = "lab.toml", **changed: str | None) -> Path:
    keys = {**GOOD, **changed}
    folder.mkdir(exist_ok=True)
    lines = [f"[{name}]", *(f"{key} = {value}" for key, value in keys.items() if value is not None)]
    with (folder / file).open("a", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
    return folder


def test_every_limit_of_the_shared_table_is_shipped_with_the_same_number_operator_status_and_dates(
    shared_data: Path,
) -> None:
    shipped = limits()
    with (shared_data / "reference" / "lead_limits.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 19
    for row in rows:
        one = shipped[row["id"]]
        scale = 1e4 if row["unit"] == "% (m/m)" else 1.0  # 1 % by mass is 10 000 mg/kg
        assert one.value == float(row["value"]) * scale, row["id"]
        assert one.unit == UNIT.get(row["unit"], row["unit"])
        assert one.basis is BASIS[row["basis"]]
        assert one.operator.value == (row["operator"] or "<=")  # the weekly intake has none in the table
        assert one.status.value == row["status"]
        assert one.mark == row["mark"]
        assert one.citation == row["citation"]
        assert one.route == row["route"]
        assert (one.valid_from.isoformat() if one.valid_from else "") == row["valid_from"]
        assert (one.valid_to.isoformat() if one.valid_to else "") == row["valid_to"]


def test_the_paper_limit_is_marked_as_unverified_and_the_water_value_as_provisional() -> None:
    assert limit_status_words(limit("PAPER-5UGG")) == "unverified limit"
    assert limit_status_words(limit("WHO-GDWQ-Pb")) == "provisional limit"
    assert limit_status_words(limit("JECFA-PTWI-Pb")) == "withdrawn limit"
    assert limit_status_words(limit("PDE-1g-derived")) == "derived limit"
    assert limit_status_words(limit("USP2232-Pb")) == ""


def test_a_limit_outside_its_dates_says_so() -> None:
    # the story of the first hour plays on 24 November 2026; the stricter water value begins in 2036
    today = date(2026, 11, 24)
    assert limit_status_words(limit("EU-DW-Pb-2036"), today) == "limit not valid before 2036-01-12"
    assert limit_status_words(limit("EU-DW-Pb-now"), today) == ""
    assert limit_status_words(limit("EU-DW-Pb-now"), date(2036, 1, 12)) == "limit not valid after 2036-01-11"
    assert limit_status_words(limit("JECFA-PTWI-Pb"), today) == "withdrawn limit, limit not valid after 2010-06-30"


def test_dose_and_retention_criteria_are_limits_too() -> None:
    assert str(limit("RT-COURSE-60GY")) == ">= 60 Gy"
    assert str(limit("RL80-60GY")) == ">= 0.8"
    assert limit("RL80-60GY").at_dose_gy == 60.0
    assert limit("PL80-42D").at_age_d == 42.0


def test_a_laboratory_adds_its_own_file(tmp_path: Path) -> None:
    own = written(tmp_path / "limits", "LAB-PB-RELEASED", valid_from="2026-01-01")
    assert limit("LAB-PB-RELEASED", own).valid_from == date(2026, 1, 1)
    assert set(limits(own)) - set(limits()) == {"LAB-PB-RELEASED"}


def test_an_unknown_limit_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean PAPER-5UGG"):
        limit("PAPER-5UG")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"vlaue": "5"}, 'no key "vlaue"; did you mean value'),
        ({"value": None}, "key value: found nothing"),
        ({"value": '"5"'}, "key value: found '5'; expected a number"),
        ({"value": "true"}, "key value: found True"),
        ({"value": "nan"}, "key value: found nan"),
        ({"value": "inf"}, "key value: found inf"),
        ({"unit": '"ug/L"'}, "key unit"),
        ({"unit": '"ug/parsnip"'}, "key unit"),
        ({"kind": '"released_led"'}, "key kind"),
        ({"basis": '"total_per_mass"'}, 'key basis: found "total_per_mass"'),
        ({"basis": '"per_moon"'}, "key basis"),
        ({"operator": '"=<"'}, "key operator"),
        ({"status": '"valid"'}, "key status"),
        ({"valid_from": '"2026-01-01"'}, "key valid_from: found '2026-01-01'; expected a date"),
        ({"valid_from": "2026-01-01T10:00:00"}, "key valid_from"),
        ({"valid_from": "2026-01-02", "valid_to": "2026-01-01"}, "key valid_to"),
        ({"upper": "7"}, "key upper"),
        ({"operator": '"within"'}, "key upper"),
        ({"operator": '"within"', "upper": "4"}, "key upper: found 4"),
        ({"citation": '" "'}, "key citation: found nothing"),
        ({"note": "3"}, "key note: found 3; expected text"),
        ({"at_age_d": "-1"}, "key at_age_d"),
    ],
)
def test_what_is_not_understood_is_refused_with_file_limit_and_key(
    tmp_path: Path, changed: dict[str, str | None], said: str
) -> None:
    own = written(tmp_path / "limits", "LAB-1", "lab.toml", **changed)
    with pytest.raises(InputError) as refused:
        load_limits(own)
    assert said in str(refused.value)
    assert str(own / "lab.toml") in str(refused.value)
    assert "LAB-1" in str(refused.value)


@pytest.mark.parametrize("text", ["[LAB-1", "value = 5\n", "[LAB-1]\n[LAB-1]\n", "[A.B]\nvalue = 1\n"])
def test_a_file_that_is_no_list_of_limits_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.toml"):
        load_limits(tmp_path)


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes("[A]\nnote = 'µg'\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.toml.*UTF-8"):
        load_limits(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        load_limits(tmp_path / "nowhere")


def test_an_id_stands_once_across_files_and_folders(tmp_path: Path) -> None:
    own = written(tmp_path / "limits", "PAPER-5UGG")
    with pytest.raises(InputError, match=r"limit PAPER-5UGG: key id: found it in .*literature\.toml"):
        limits(own)


def test_the_digest_changes_with_any_word_and_with_nothing_else(tmp_path: Path) -> None:
    first = load_limits(written(tmp_path / "a"))["LAB-1"]
    again = load_limits(written(tmp_path / "b", file="other.toml", value="5.0"))["LAB-1"]
    other = load_limits(written(tmp_path / "c", edition='"2"'))["LAB-1"]
    assert first.digest() == again.digest()
    assert first.digest() != other.digest()
    assert len({one.digest() for one in limits().values()}) == len(limits())


def test_a_limit_as_json_has_every_field_as_plain_data() -> None:
    plain = limit("EU-DW-Pb-2036").as_json()
    assert plain["valid_from"] == "2036-01-12"
    assert plain["valid_to"] is None
    assert plain["operator"] == "<="
    assert plain["basis"] == "in_water"
    assert list(plain) == list(Limit.__dataclass_fields__)


def test_an_alias_of_a_kind_is_stored_under_its_name(tmp_path: Path) -> None:
    own = written(tmp_path / "limits", kind='"dose"', basis='"dose"', value="40", unit='"Gy"', operator='">="')
    one = load_limits(own)["LAB-1"]
    assert one.kind == "absorbed_dose"
    assert one.operator is Operator.AT_LEAST
    assert one.status is LimitStatus.IN_FORCE
