"""A batch from a YAML file and from flags gives the same rows; chemicals and protocols are found or registered."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labdb.errors import InputError

if TYPE_CHECKING:
    from labdb.lab import Lab

DOCUMENT = """
composition: CsPbBr3
protocol: confined-growth
alias: notebook 7, p. 31
silica: 1.0020 g
started_at: 2026-11-05 09:00+01:00
target_w: 20 %
weigh:
  CsBr: 91.9(1) mg
  PbBr2: {amount: 158.1 mg, planned: 158.24 mg}
  K2CO3: 100.3 mg
"""


def content_of(lab: Lab) -> dict[str, list[Any]]:
    """The rows a batch brings in, without identifiers and moments of entry."""
    from labdb.connection import open_reader

    sql = {
        "batches": "SELECT code, composition, label, protocol, target_w, started_at FROM batches ORDER BY code",
        "weighings": "SELECT chemical, formula, role, planned, amount, u, unit FROM weighings ORDER BY chemical",
        "alias": "SELECT name, subject FROM alias",
        "chemical": "SELECT code, name, formula, role FROM chemical ORDER BY code",
        "steps": "SELECT seq, kind, temperature_degc, ramp_degc_per_min, detail FROM protocol_step ORDER BY seq",
    }
    with open_reader(lab.config) as reader:
        return {name: reader.rows(query) for name, query in sql.items()}


@pytest.fixture
def two_labs(tmp_path: Path) -> Any:  # noqa: ANN401 - a generator of two labs
    from labdb.lab import create_lab

    labs = [create_lab(tmp_path / name, name="Lab") for name in ("one", "two")]
    yield labs
    for one in labs:
        one.close()


def test_a_file_and_flags_give_the_same_rows(two_labs: list[Lab], tmp_path: Path) -> None:
    from labdb.intake.batch import BatchRequest, WeighingRequest, new_batch, read_batch_request, read_weighing
    from labdb.record import fixed_source

    path = tmp_path / "batch.yaml"
    path.write_text(DOCUMENT, encoding="utf-8")
    weighed = [read_weighing("CsBr=91.9(1) mg"), read_weighing("PbBr2=158.1 mg"), read_weighing("K2CO3=100.3 mg")]
    weighed[1] = weighed[1].model_copy(update={"planned": "158.24 mg"})
    typed = BatchRequest(
        composition="CsPbBr3",
        protocol="confined-growth",
        alias=["notebook 7, p. 31"],
        silica=WeighingRequest(amount="1.0020 g"),
        started_at="2026-11-05 09:00+01:00",
        target_w="20 %",
        weigh=weighed,
    )
    for lab, request in zip(two_labs, (read_batch_request(path), typed), strict=True):
        with fixed_source(datetime(2026, 11, 24, 10, tzinfo=UTC)):
            assert new_batch(lab, request).code == "B-2601"
    first, second = (content_of(lab) for lab in two_labs)
    assert first == second
    assert first["weighings"][0] == {
        "chemical": "CsBr",
        "formula": "CsBr",
        "role": "precursor",
        "planned": None,
        "amount": 91.9,
        "u": 0.1,
        "unit": "mg",
    }
    assert [row["amount"] for row in first["weighings"] if row["role"] == "template"] == [1002.0]
    assert first["batches"][0]["started_at"] == "2026-11-05T08:00:00Z"
    assert len(first["steps"]) == 9


def test_the_shipped_protocol_says_what_the_paper_prints_and_what_is_an_example(lab: Lab) -> None:
    from sqlmodel import select

    from labdb.intake.batch import BatchRequest, new_batch
    from labdb.workflow.protocol import ProtocolRow, ProtocolStepRow

    for code in ("B-1", "B-2"):  # written once, used twice
        new_batch(lab, BatchRequest(composition="CsPbI3", protocol="confined-growth", code=code))
    with lab.read() as session:
        (protocol,) = session.exec(select(ProtocolRow)).all()
        steps = {row.seq: row for row in session.exec(select(ProtocolStepRow)).all()}
    assert protocol.origin == "transcribed"
    assert "ACS Energy Lett. 2023, 8, 1795-1802" in str(protocol.origin_note)
    assert [steps[seq].kind for seq in sorted(steps)] == [
        *("disperse", "soak", "dry", "calcine", "cool", "wash", "centrifuge", "dry", "redisperse"),
    ]
    # 80, 600 and 60 degC: main text of the source paper, synthesis paragraph.
    assert (steps[3].temperature_degc, steps[4].temperature_degc, steps[8].temperature_degc) == (80, 600, 60)
    assert "examples" in str(steps[4].detail)
    assert "not stated" in str(steps[2].detail)


def test_a_chemical_is_found_by_code_name_or_formula_and_registered_once(lab: Lab) -> None:
    from sqlmodel import select

    from labdb.intake.batch import BatchRequest, new_batch, read_weighing
    from labdb.synthesis.chemical import ChemicalRow

    for text in ("CsBr=3 mg", "C-CsBr=3 mg"):
        new_batch(lab, BatchRequest(composition="CsPbBr3", weigh=[read_weighing(text)]))
    with lab.read() as session:
        (chemical,) = session.exec(select(ChemicalRow)).all()
    assert (chemical.code, chemical.role) == ("C-CsBr", "precursor")


def test_a_formula_two_chemicals_have_asks_for_the_code(lab: Lab) -> None:
    from labdb.intake.batch import BatchRequest, new_batch, read_weighing
    from labdb.synthesis.chemical import ChemicalRow

    with lab.write(None, "two bottles of one salt") as session:
        for code in ("C-1", "C-2"):
            session.add(ChemicalRow(code=code, name=f"salt {code}", formula="CsBr", role="precursor"))
    with pytest.raises(InputError, match="may be C-1, C-2; give the code"):
        new_batch(lab, BatchRequest(composition="CsPbBr3", weigh=[read_weighing("CsBr=3 mg")]))


@pytest.mark.parametrize(
    ("pattern", "codes"),
    [("B-{yy}{nn}", ["B-2601", "B-2602"]), ("{yyyy}/{nnnn}", ["2026/0001", "2026/0002"]), ("NS{n}", ["NS1", "NS2"])],
)
def test_codes_follow_the_pattern_of_the_lab(sqlite_lab: Lab, pattern: str, codes: list[str]) -> None:
    from labdb.intake.batch import BatchRequest, new_batch
    from labdb.record import fixed_source

    sqlite_lab.config.codes["batch"] = pattern
    with fixed_source(datetime(2026, 11, 24, 10, tzinfo=UTC)):
        made = [new_batch(sqlite_lab, BatchRequest(composition="CsPbBr3")).code for _ in codes]
    assert made == codes


@pytest.mark.parametrize("pattern", ["B-{yy}", "B-{nn}-x", "B-{week}{nn}"])
def test_a_pattern_without_a_number_at_its_end_is_refused(sqlite_lab: Lab, pattern: str) -> None:
    from labdb.intake.batch import BatchRequest, new_batch

    sqlite_lab.config.codes["batch"] = pattern
    with pytest.raises(InputError, match="expected text with"):
        new_batch(sqlite_lab, BatchRequest(composition="CsPbBr3"))


def test_a_lot_of_another_chemical_is_refused(sqlite_lab: Lab) -> None:
    from labdb.intake.batch import BatchRequest, new_batch, read_weighing
    from labdb.synthesis.chemical import ChemicalRow, LotRow

    with sqlite_lab.write(None, "a bottle") as session:
        lead = ChemicalRow(code="C-PB", name="PbBr2", formula="PbBr2", role="precursor")
        session.add(lead)
        session.flush()
        session.add(LotRow(code="L-1", chemical_id=lead.id, purity_percent=99.0))
    new_batch(sqlite_lab, BatchRequest(composition="CsPbBr3", weigh=[read_weighing("PbBr2=158.1 mg @L-1")]))
    with pytest.raises(InputError, match="bottle of another chemical"):
        new_batch(sqlite_lab, BatchRequest(composition="CsPbBr3", weigh=[read_weighing("CsBr=3 mg @L-1")]))


def test_a_form_of_weighings_takes_grams_and_finds_chemicals_by_formula(lab: Lab, tmp_path: Path) -> None:
    from labdb.connection import open_reader
    from labdb.intake.batch import BatchRequest, new_batch, read_weighing
    from labdb.intake.file import take_in

    new_batch(lab, BatchRequest(composition="CsPbBr3", code="B-1", weigh=[read_weighing("CsBr=1 mg")]))
    path = tmp_path / "weighings.csv"
    path.write_text("batch,chemical,unit,amount,u\nB-1,CsBr,g,0.0919,0.0001\n", encoding="utf-8")
    take_in(lab, [path])
    with open_reader(lab.config) as reader:
        (row,) = reader.rows("SELECT amount, u, unit FROM weighings WHERE amount > 2")
    assert row["unit"] == "mg"
    assert (row["amount"], row["u"]) == pytest.approx((91.9, 0.1), rel=1e-12)  # one float multiplication each
