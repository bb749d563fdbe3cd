"""Making a lab, finding it again, and every way in which that can be refused."""

from __future__ import annotations

import shutil
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa

from labdb import connection
from labdb.connection import open_reader, revisions
from labdb.errors import ConflictError, InputError, LabdbError, SchemaVersionError
from labdb.lab import Lab, create_lab, open_lab
from labdb.registry.person import PersonRow
from labdb.schema import upgrade
from labdb.settings import CONFIG_NAME, find_lab, read_config


@pytest.fixture(autouse=True)
def no_lab_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABDB_LAB", raising=False)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "lab"
    create_lab(folder).close()
    return folder


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Path:
    """The folder of a lab that `create_lab` made and nobody has used yet."""
    return shutil.copytree(made_once, tmp_path / "lab")


def listing(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def set_revision(lab: Lab, revision: str | None) -> None:
    """Pretend that another labdb has migrated a lab's database."""
    with lab.engine.begin() as database:
        database.exec_driver_sql("DELETE FROM alembic_version")
        if revision:
            database.execute(sa.text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    lab.close()


# --- making --------------------------------------------------------------------------------------------------------


def test_a_lab_is_made_on_both_databases_and_can_be_written_and_read(fresh_database: str, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "Lab Dübendorf 100%20 #1?"
    url = None if fresh_database.startswith("sqlite") else fresh_database
    lab = create_lab(folder, database=url)
    assert listing(folder) - {"lab.db-wal", "lab.db-shm"} == {CONFIG_NAME, "files"} | (set() if url else {"lab.db"})
    with lab.write("anna", "first day") as session:
        session.add(PersonRow(code="anna"))
    lab.close()
    again = open_lab(folder)
    with again.read() as session:
        assert session.execute(sa.text("SELECT code FROM person")).scalars().all() == ["anna"]
        assert session.execute(sa.text("SELECT actor, reason FROM changes")).all() == [("anna", "first day")]
    again.close()
    with open_reader(again.config) as reader:
        assert reader.rows("SELECT code, '100%' AS full FROM person WHERE code = ?", ["anna"]) == [
            {"code": "anna", "full": "100%"}
        ]


def test_a_lab_says_what_it_was_given_and_takes_the_folder_for_its_name(tmp_path: Path) -> None:
    name = 'Lab "A"\\B\nµ\t'
    create_lab(
        tmp_path / "a", name=name, example=True, settings='person = "anna"\n[codes]\nbatch = "B-{yy}{n}"\n'
    ).close()
    config = read_config(tmp_path / "a")
    assert (config.name, config.example, config.person, config.codes) == (name, True, "anna", {"batch": "B-{yy}{n}"})
    assert config.url == f"sqlite:///{tmp_path / 'a' / 'lab.db'}"
    assert config.files == tmp_path / "a" / "files"
    create_lab(tmp_path / "b").close()
    config = read_config(tmp_path / "b")
    assert (config.name, config.example, config.limits, config.decision) == ("b", False, (), "guarded-95")


def test_a_sqlite_file_may_have_another_name_and_place(tmp_path: Path) -> None:
    create_lab(tmp_path / "a", database="sqlite:///record.sqlite").close()
    assert (tmp_path / "a" / "record.sqlite").is_file()
    (tmp_path / "disk").mkdir()
    create_lab(tmp_path / "b", database=f"sqlite:///{tmp_path / 'disk' / 'b.db'}").close()
    assert (tmp_path / "disk" / "b.db").is_file()
    with pytest.raises(ConflictError, match="no such folder"):
        create_lab(tmp_path / "c", database=f"sqlite:///{tmp_path / 'nowhere' / 'c.db'}")
    assert not (tmp_path / "c").exists()


def test_a_folder_that_is_a_lab_already_is_named_with_the_way_to_use_it(made: Path) -> None:
    before = (made / CONFIG_NAME).read_bytes()
    with pytest.raises(ConflictError, match=r"is a lab already.*labdb --lab .* status"):
        create_lab(made)
    assert (made / CONFIG_NAME).read_bytes() == before


def test_a_file_in_the_way_is_refused_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("data")
    (tmp_path / "with files").mkdir()
    (tmp_path / "with files" / "files").write_text("data")
    for folder, named in ((file, "file"), (file / "inside", "file"), (tmp_path / "with files", "files")):
        with pytest.raises(ConflictError, match=rf"{named} is a file; a folder is needed"):
            create_lab(folder)
    assert file.read_text() == "data"
    assert listing(tmp_path / "with files") == {"files"}


def test_a_database_in_the_way_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "lab.db").write_text("somebody's")
    with pytest.raises(ConflictError, match=r"lab\.db exists already"):
        create_lab(tmp_path)
    assert (listing(tmp_path), (tmp_path / "lab.db").read_text()) == ({"lab.db"}, "somebody's")


def test_a_folder_with_other_things_in_it_can_become_a_lab(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("keep")
    (tmp_path / "files").mkdir()
    create_lab(tmp_path).close()
    assert (tmp_path / "notes.txt").read_text() == "keep"


@pytest.mark.parametrize(
    "url", ["mysql://server/lab", "lab.db", "sqlite:///", "sqlite:lab.db", "postgres://server/lab", "sqlite://"]
)
def test_an_unknown_kind_of_database_is_refused_before_anything_is_made(tmp_path: Path, url: str) -> None:
    with pytest.raises(InputError, match=r"expected sqlite:///FILE or postgresql://USER@HOST/NAME"):
        create_lab(tmp_path / "lab", database=url)
    assert not (tmp_path / "lab").exists()


def test_a_server_that_does_not_answer_is_named_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="postgresql://anna@localhost:1/lab cannot be opened") as caught:
        create_lab(tmp_path / "lab", database="postgresql://anna:secret@localhost:1/lab")  # nobody listens on port 1
    assert "secret" not in str(caught.value)
    assert CONFIG_NAME not in listing(tmp_path / "lab")
    create_lab(tmp_path / "lab").close()  # what is left is no obstacle


def test_a_lab_whose_making_was_interrupted_can_be_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(url: str) -> None:
        upgrade(url)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("labdb.lab.upgrade", interrupted)
        with pytest.raises(KeyboardInterrupt):
            create_lab(tmp_path / "lab")
    assert listing(tmp_path / "lab") == set()
    with pytest.raises(InputError, match="is not a lab"):
        open_lab(tmp_path / "lab")
    create_lab(tmp_path / "lab").close()


def test_sqlite_on_a_network_filesystem_is_refused_with_a_word_on_postgresql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    share = tmp_path / "network share"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {str(share).replace(' ', chr(92) + '040')} nfs4 rw 0 0\n")
    monkeypatch.setattr(connection, "MOUNTS", mounts)
    with pytest.raises(ConflictError, match=r"network filesystem \(nfs4\).*PostgreSQL"):
        create_lab(share / "lab")
    assert not share.exists()
    create_lab(tmp_path / "local").close()


# --- finding -------------------------------------------------------------------------------------------------------


def test_a_lab_is_found_upwards_from_where_one_stands(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = made / "files" / "ab"
    deep.mkdir(parents=True)
    for here in (made, deep):
        monkeypatch.chdir(here)
        assert find_lab() == made
    lab = open_lab()
    assert lab.config.folder == made
    lab.close()


def test_the_lab_that_is_named_comes_before_the_environment_and_that_before_the_folder(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, by_environment = tmp_path / "named", tmp_path / "by environment"
    for folder in (named, by_environment):
        folder.mkdir()
        (folder / CONFIG_NAME).touch()
    monkeypatch.chdir(made)
    monkeypatch.setenv("LABDB_LAB", str(by_environment))
    assert find_lab() == by_environment
    assert find_lab(named) == named
    assert find_lab("../named") == named
    monkeypatch.setenv("LABDB_LAB", "")
    assert find_lab() == made


def test_where_there_is_no_lab_the_message_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"no lab in .* or above it.*--lab DIR.*labdb init DIR"):
        find_lab()
    with pytest.raises(InputError, match=r"is not a lab.*labdb init nowhere"):
        find_lab("nowhere")
    monkeypatch.setenv("LABDB_LAB", str(tmp_path / "gone"))
    with pytest.raises(InputError, match="gone is not a lab"):
        find_lab()


# --- labdb.toml ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('colour = "red"', "unknown setting 'colour'; known are codes, daily_mass_mg, database"),
        ("example = 1", "example is 1; expected true or false"),
        ('example = "yes"', "example is 'yes'; expected true or false"),
        ("person = 7", "person is 7; expected a text"),
        ('limits = "WHO"', "limits is 'WHO'; expected a list of texts"),
        ("limits = [1]", r"limits is \[1\]; expected a list of texts"),
        ('codes = "B"', "codes is 'B'; expected a table of texts"),
        ("codes = {batch = 1}", "codes is .*; expected a table of texts"),
        ("daily_mass_mg = true", "daily_mass_mg is True; expected a number"),
        ('daily_mass_mg = "5"', "daily_mass_mg is '5'; expected a number"),
        ("daily_mass_mg = 0", "daily_mass_mg is 0; expected a mass above 0"),
        ("daily_mass_mg = nan", "daily_mass_mg is nan; expected a mass above 0"),
        ('database = "oracle://x"', "expected sqlite:///FILE"),
        ("name = ", "labdb.toml: cannot be read as TOML: Invalid value"),
        ('name = "a"\nname = "b"', "cannot be read as TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / CONFIG_NAME).write_text(line, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_config(tmp_path)


def test_a_wrong_setting_stops_a_new_lab_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown setting 'colour'"):
        create_lab(tmp_path / "lab", settings='colour = "red"\n')
    assert not (tmp_path / "lab").exists()


def test_a_labdb_toml_that_is_no_text_or_gone_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / CONFIG_NAME).write_bytes(b"\xff\xfe\x00")
    for _ in range(2):
        with pytest.raises(InputError, match=rf"{CONFIG_NAME}: cannot be read as TOML"):
            read_config(tmp_path)
        (tmp_path / CONFIG_NAME).unlink(missing_ok=True)


def test_an_empty_labdb_toml_means_sqlite_beside_it(tmp_path: Path) -> None:
    (tmp_path / CONFIG_NAME).touch()
    assert read_config(tmp_path).url == f"sqlite:///{tmp_path / 'lab.db'}"
    assert tomllib.loads((tmp_path / CONFIG_NAME).read_text()) == {}


# --- the database behind it ----------------------------------------------------------------------------------------


def opened(lab: Lab) -> list[LabdbError]:
    """What the two ways into a lab say: the engine of those who write, the bare driver of those who only read."""
    said: list[LabdbError] = []
    for way in (lambda: lab.engine, lambda: open_reader(lab.config).__enter__()):
        with pytest.raises(LabdbError) as caught:
            way()
        said.append(caught.value)
    return said


def test_a_database_of_an_older_labdb_names_the_command_that_upgrades_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = [*revisions(), "20991231_next"]
    for module in ("labdb.lab", "labdb.connection"):
        monkeypatch.setattr(f"{module}.revisions", lambda: newer)
    for error in opened(lab):
        assert isinstance(error, SchemaVersionError)
        assert f"is at {newer[0]} revision, this labdb needs 20991231_next. Run: labdb upgrade" in str(error)


def test_a_database_of_a_newer_labdb_names_the_command_that_brings_that_labdb(lab: Lab) -> None:
    set_revision(lab, "20991231_next")
    for error in opened(lab):
        assert isinstance(error, SchemaVersionError)
        assert "newer than this labdb knows" in str(error)
        assert "pip install --upgrade labdb" in str(error)
    with pytest.raises(SchemaVersionError, match="pip install"):
        upgrade(lab.config.url)


def test_an_empty_database_names_the_command_that_fills_it_with_tables(fresh_database: str, tmp_path: Path) -> None:
    if fresh_database.startswith("sqlite"):
        with closing(sqlite3.connect(tmp_path / "lab.db")) as database:
            database.execute("VACUUM")
    (tmp_path / CONFIG_NAME).write_text(f'database = "{fresh_database}"', encoding="utf-8")
    lab = open_lab(tmp_path)
    for error in opened(lab):
        assert isinstance(error, SchemaVersionError)
        assert "Run: labdb upgrade" in str(error)
    assert upgrade(fresh_database) == (None, revisions()[-1])
    assert upgrade(fresh_database) == (revisions()[-1], revisions()[-1])
    with lab.read():
        pass
    lab.close()


def test_a_new_lab_on_a_database_of_a_newer_labdb_is_refused(postgres_lab: Lab, tmp_path: Path) -> None:
    set_revision(postgres_lab, "20991231_next")
    with pytest.raises(SchemaVersionError, match="newer"):
        create_lab(tmp_path / "another", database=postgres_lab.config.url)
    assert listing(tmp_path / "another") == set()


def test_a_missing_sqlite_file_is_missed_and_not_made_anew(made: Path) -> None:
    (made / "lab.db").unlink()
    for error in opened(open_lab(made)):
        assert "lab.db: no such database. Was it moved?" in str(error)
    assert not (made / "lab.db").exists()


def test_a_file_that_is_no_database_is_refused_and_stays(made: Path) -> None:
    (made / "lab.db").write_text("This was an Excel workbook once. " * 10)
    for error in opened(open_lab(made)):
        assert isinstance(error, InputError)
        assert "lab.db cannot be opened as a database: file is not a database" in str(error)
    assert (made / "lab.db").read_text().startswith("This was")


def test_a_postgresql_database_that_is_gone_is_named(postgres_url: str, tmp_path: Path) -> None:
    url = urlsplit(postgres_url)._replace(path="/gone").geturl()
    (tmp_path / CONFIG_NAME).write_text(f'database = "{url}"', encoding="utf-8")
    for error in opened(open_lab(tmp_path)):
        assert isinstance(error, InputError)
        assert "/gone cannot be opened as a database" in str(error)
        assert 'database "gone" does not exist' in str(error)


def test_a_reader_cannot_write_into_a_sqlite_file(made: Path) -> None:
    with open_reader(read_config(made)) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.rows("DELETE FROM current_change")


def test_who_writes_is_the_one_named_else_the_person_of_the_lab_else_the_login(
    sqlite_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABDB_ACTOR", "carla")
    with sqlite_lab.write(None, "by login"):
        pass
    config = sqlite_lab.config.folder / CONFIG_NAME
    config.write_text(config.read_text(encoding="utf-8") + 'person = "ben"\n', encoding="utf-8")
    lab = open_lab(sqlite_lab.config.folder)
    for actor in (None, "anna"):
        with lab.write(actor, "by name"):
            pass
    with lab.read() as session:
        actors = session.execute(sa.text("SELECT actor FROM change ORDER BY id")).scalars().all()
    lab.close()
    assert actors == ["carla", "ben", "anna"]


def test_a_closed_lab_opens_again_at_the_next_use(lab: Lab) -> None:
    engine = lab.engine
    lab.close()
    lab.close()
    with lab.read() as session:
        assert session.execute(sa.text("SELECT 1")).scalar_one() == 1
    assert lab.engine is not engine


def test_a_reader_on_postgresql_sees_what_is_written_meanwhile(postgres_lab: Lab) -> None:
    with open_reader(postgres_lab.config) as reader:
        assert reader.rows("SELECT code FROM person") == []
        with postgres_lab.write("anna", "first day") as session:
            session.add(PersonRow(code="anna"))
        assert reader.rows("SELECT code FROM person") == [{"code": "anna"}]
    with psycopg.connect(postgres_lab.config.url) as database:
        assert database.execute("SELECT count(*) FROM person").fetchone() == (1,)
