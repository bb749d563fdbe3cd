"""A lab in a notebook: the questions, one method each, answered with DataFrames, Quantities and verdicts.

>>> import tempfile
>>> from pathlib import Path
>>> import labdb
>>> from labdb.demo.build import build_clean
>>> folder = tempfile.TemporaryDirectory()
>>> build_clean(Path(folder.name) / "lab").close()
>>> lab = labdb.open(Path(folder.name) / "lab")

How did it go, day by day; how much dose; is it allowed?

>>> lab.trend("PL", normalise="0d").series[0].sentence
'no change shown; t80 > 14 d'
>>> [str(one.total) for one in lab.dose("S-2602").totals if one.total is not None]
['20(1) Gy']
>>> [(one.limit.id, one.judgement.wording) for one in lab.assess("S-2602", limits=["LAB-PB-RELEASED"])]
[('LAB-PB-RELEASED', 'pass')]
>>> lab.check()
[]
>>> lab.observations("Pb", sample="S-2602-W1")["age_d"].tolist()
[0.0, 7.0, 14.0]
>>> print(lab.quantities("Pb")[-1])
< 1 ug/L
>>> lab.close()
>>> folder.cleanup()
"""

import os
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from labdb.lab import Lab, open_lab

if TYPE_CHECKING:
    import pandas as pd

    from labdb.assessment import Assessed
    from labdb.compliance.limit import Limit
    from labdb.finding import Finding
    from labdb.quantity import Quantity
    from labdb.queries.dose import DoseLedger
    from labdb.queries.leaching import LeachSeries
    from labdb.queries.trend import Trend


class Notebook:
    """An open lab, as a notebook uses it. It reads; ``assess(store=True)`` alone writes, and keeps its verdicts."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def __repr__(self) -> str:
        return f"<lab {self.lab.config.name!r} in {self.lab.config.folder}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.lab.close()

    # --- questions -------------------------------------------------------------------------------------------------

    def trend(
        self,
        kind: str,
        *,
        sample: str | None = None,
        condition: str | None = None,
        study: str | None = None,
        batch: str | None = None,
        normalise: str | None = None,
    ) -> "Trend":
        """Gather a quantity against age; ``.frame`` is every reading, ``.series`` the means and what they say."""
        from labdb.queries.trend import trend

        with self.lab.read() as session:
            return trend(
                session, kind, sample=sample, condition=condition, study=study, batch=batch, normalise=normalise
            )

    def dose(self, sample: str) -> "DoseLedger":
        """List what X-ray dose a sample and each of its aliquots has been given."""
        from labdb.queries.dose import dose_ledger

        with self.lab.read() as session:
            return dose_ledger(session, sample)

    def leaching(self, subject: str) -> "list[LeachSeries]":
        """Gather the leach tests of a sample or batch: pull by pull, in ug/L and ug/g."""
        from labdb.queries.leaching import leach_series, leach_tests_of

        with self.lab.read() as session:
            return [leach_series(session, test) for test in leach_tests_of(session, subject)]

    def assess(
        self,
        subject: str,
        *,
        limits: Sequence[str] | None = None,
        decision: str | None = None,
        at_d: float | None = None,
        daily_mass_mg: float | None = None,
        store: bool = False,
    ) -> "list[Assessed]":
        """Judge a subject against limits.

        Parameters
        ----------
        subject : str
            A leach test, sample or batch, by code or alias.
        limits : sequence of str, optional
            Limit ids; labdb.toml's if not given.
        decision : str, optional
            Decision rule; labdb.toml's if not given.
        at_d : float, optional, scalar [d]
            Judge the pull at this age only.
        daily_mass_mg : float, optional, scalar [mg]
            Mass of particles per day, for limits per day.
        store : bool
            Keep the verdicts in the record; a notebook only looks unless told otherwise.

        Returns
        -------
        list of Assessed
            One per limit and piece of evidence.
        """
        from labdb.assessment import assess

        return assess(
            self.lab,
            subject,
            limits=limits,
            decision=decision,
            at_d=at_d,
            daily_mass_mg=daily_mass_mg,
            store=store,
        )

    def check(self, rules: Sequence[str] | None = None) -> "list[Finding]":
        """Check the record as a careful referee would; all rules, or those named."""
        from labdb import checks

        return checks.run(self.lab, rules)

    def limits(self) -> "dict[str, Limit]":
        """Return every limit this lab can judge by."""
        from labdb.assessment import lab_limits

        return lab_limits(self.lab)

    # --- tables ----------------------------------------------------------------------------------------------------

    def table(self, view: str) -> "pd.DataFrame":
        """Read one of the public views whole.

        Parameters
        ----------
        view : str
            Its name: batches, steps, samples, observations, verdicts, ...

        Returns
        -------
        pandas.DataFrame
            One line a row, in the order of its first column.

        Raises
        ------
        UnknownNameError
            There is no such view.
        """
        import pandas as pd

        from labdb.connection import open_reader
        from labdb.errors import UnknownNameError
        from labdb.views import VIEWS

        known = [one.name for one in VIEWS]
        if view not in known:
            raise UnknownNameError("view", view, known)
        with open_reader(self.lab.config) as reader:
            return pd.DataFrame(reader.rows(f"SELECT * FROM {view} ORDER BY 1"))  # noqa: S608 - a name of VIEWS

    def batches(self) -> "pd.DataFrame":
        """List the batches."""
        return self.table("batches")

    def samples(self) -> "pd.DataFrame":
        """List the samples, with loading and what is left of each."""
        return self.table("samples")

    def verdicts(self) -> "pd.DataFrame":
        """List the stored verdicts."""
        return self.table("verdicts")

    def observations(
        self, kind: str | None = None, *, sample: str | None = None, condition: str | None = None
    ) -> "pd.DataFrame":
        """List scalar results with their measurements.

        Parameters
        ----------
        kind : str, optional
            Only this quantity kind (name or alias).
        sample, condition : str, optional
            Only of this sample (code), only in this condition.

        Returns
        -------
        pandas.DataFrame
            One line a result, by sample, age and measurement; ``value`` is the threshold where ``censoring`` is not
            "none".
        """
        import pandas as pd

        rows = self._observed(kind, sample, condition)
        return pd.DataFrame(rows)

    def quantities(self, kind: str, *, sample: str | None = None, condition: str | None = None) -> "list[Quantity]":
        """Give the results of one kind as Quantities, in the order of `observations`."""
        from labdb.queries.evidence import quantity_of

        return [quantity_of(row) for row in self._observed(kind, sample, condition) if row["value"] is not None]

    def _observed(self, kind: str | None, sample: str | None, condition: str | None) -> list[dict[str, object]]:
        from labdb.connection import open_reader
        from labdb.quantity import quantity_kind

        wanted = {
            "quantity": None if kind is None else quantity_kind(kind).name,
            "sample": sample,
            "condition": condition,
        }
        given = {column: value for column, value in wanted.items() if value is not None}
        where = " AND ".join(f"{column} = ?" for column in given)
        sql = f"SELECT * FROM observations{f' WHERE {where}' if where else ''} ORDER BY sample, age_d, measurement"  # noqa: S608
        with open_reader(self.lab.config) as reader:
            return reader.rows(sql, tuple(given.values()))


def open_notebook(path: str | os.PathLike[str] | None = None) -> Notebook:
    """Open the lab in a folder for a notebook; see `labdb.open`.

    Parameters
    ----------
    path : path, optional
        The lab's folder; else the one named by LABDB_LAB, or the first one upwards.

    Returns
    -------
    Notebook
        Its database is opened at the first question.
    """
    return Notebook(open_lab(path))
