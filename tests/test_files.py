"""The raw-file store: what went in comes out, or it is said that it does not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from labdb import files
from labdb.errors import ConflictError, ReadError
from labdb.files import FileStore, digest_file

CONTENT = b"wavelength,intensity\n500,1\n"
# FIPS 180-4 example: SHA-256 of the three bytes "abc".
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "PL of S-1 (µ).csv"
    path.write_bytes(CONTENT)
    return path


def test_a_digest_is_the_sha256_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert digest_file(path) == ABC


def test_a_file_lies_under_its_digest_and_comes_back_byte_for_byte(store: FileStore, export: Path) -> None:
    sha256 = store.put(export)
    assert sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert store.path_of(sha256) == store.folder / sha256[:2] / sha256
    assert store.read(sha256) == CONTENT
    store.verify(sha256)
    assert list(store.kept()) == [store.path_of(sha256)]
    assert export.read_bytes() == CONTENT  # the original stays where it was


def test_the_same_file_twice_is_kept_once_and_not_touched(store: FileStore, export: Path, tmp_path: Path) -> None:
    kept = store.path_of(store.put(export))
    first = kept.stat()
    renamed = tmp_path / "another name.csv"
    renamed.write_bytes(CONTENT)
    assert store.path_of(store.put(renamed)) == kept
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    assert len(list(store.kept())) == 1


def test_an_empty_file_is_a_file(store: FileStore, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    assert store.read(store.put(empty)) == b""


def test_a_file_larger_than_a_block_is_kept_whole(store: FileStore, tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000  # 2.56 MB, where a block is 1 MiB
    large = tmp_path / "large"
    large.write_bytes(content)
    assert store.read(store.put(large)) == content


@pytest.mark.parametrize("damage", [CONTENT[:-1], CONTENT + b"\n", CONTENT.replace(b"1", b"2"), b""])
def test_a_changed_or_cut_file_is_never_given_out(store: FileStore, export: Path, damage: bytes) -> None:
    sha256 = store.put(export)
    store.path_of(sha256).write_bytes(damage)
    for look in (store.read, store.verify):
        with pytest.raises(ConflictError, match="no longer matches its SHA-256"):
            look(sha256)


def test_a_damaged_file_is_healed_when_its_whole_copy_is_taken_in_again(store: FileStore, export: Path) -> None:
    sha256 = store.put(export)
    store.path_of(sha256).write_bytes(b"damaged")
    assert store.put(export) == sha256
    assert store.read(sha256) == CONTENT


def test_a_missing_file_is_named_and_a_backup_asked_for(store: FileStore, export: Path) -> None:
    sha256 = store.put(export)
    store.path_of(sha256).unlink()
    for look in (store.read, store.verify):
        with pytest.raises(ConflictError, match=f"{sha256[:12]} is missing.*backup"):
            look(sha256)


def test_a_leftover_of_an_interrupted_copy_is_listed(store: FileStore, export: Path) -> None:
    kept = store.path_of(store.put(export))
    leftover = kept.with_name(f"{'0' * 64}.4711.part")
    leftover.write_bytes(CONTENT[:5])
    assert list(store.kept()) == sorted([kept, leftover])


def test_a_store_without_a_folder_holds_nothing(store: FileStore) -> None:
    assert list(store.kept()) == []


def test_a_file_that_grows_while_it_is_read_is_refused_and_leaves_nothing(
    store: FileStore, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def digest_then_grow(path: Path) -> str:
        digest = digest_file(path)
        with path.open("ab") as file:
            file.write(b"510,2\n")
        return digest

    monkeypatch.setattr(files, "digest_file", digest_then_grow)
    with pytest.raises(ReadError, match="changed while it was read"):
        store.put(export)
    assert list(store.kept()) == []


def test_a_copy_that_fails_leaves_nothing(store: FileStore, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.put(export)
    assert list(store.kept()) == []


def test_a_folder_an_absent_file_and_a_file_too_large_are_refused_in_words(
    store: FileStore, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ReadError, match="found a folder"):
        store.put(tmp_path)
    with pytest.raises(ReadError, match="No such file"):
        store.put(tmp_path / "absent.csv")
    monkeypatch.setattr(files, "MAX_FILE_BYTES", len(CONTENT) - 1)
    with pytest.raises(ReadError, match=f"found {len(CONTENT)} bytes"):
        store.put(export)
    assert list(store.kept()) == []
