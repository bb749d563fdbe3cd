"""Registry: a person who works here."""

from labdb.record import Record, Thing


class Person(Record):
    """Who: a short code (initials, login) and a role."""

    code: str
    name: str | None = None
    role: str | None = None


class PersonRow(Person, Thing, table=True):
    """A person, stored."""

    __tablename__ = "person"
