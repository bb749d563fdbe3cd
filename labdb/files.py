"""The raw-file store: content-addressed by SHA-256.

A file is written (temporary, fsync, rename) before the commit, and verified on reading.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from labdb.errors import ConflictError, ReadError

MAX_FILE_BYTES = 2_000_000_000  # sizes are kept in 32 bits


def digest_file(path: Path) -> str:
    """Return a file's SHA-256.

    Parameters
    ----------
    path : Path
        A regular file.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    ReadError
        There is no such file, or it is a folder.
    """
    if path.is_dir():
        raise ReadError(path, found="a folder", expected="a file (name the files inside it, or use a pattern)")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ReadError(path, found=error.strerror or "an error", expected="a readable file") from error


def _damaged(path: Path) -> str:
    return f"raw file {path} no longer matches its SHA-256: it was changed or damaged. Restore it from a backup."


class FileStore:
    """A lab's ``files/``: ``ab/abcdef...`` by SHA-256."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, sha256: str) -> Path:
        """Return where the file of this digest lies."""
        return self.folder / sha256[:2] / sha256

    def put(self, source: Path) -> str:
        """Copy a file into the store, durably, and return its SHA-256; a file already there, and whole, is left alone.

        Parameters
        ----------
        source : Path
            The file to keep.

        Returns
        -------
        str
            Its SHA-256.

        Raises
        ------
        ReadError
            There is no such file, it is too large, or it changed while it was read.
        """
        expected = digest_file(source)
        size = source.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ReadError(source, found=f"{size} bytes", expected=f"a file of at most {MAX_FILE_BYTES} bytes")
        target = self.path_of(expected)
        if target.is_file() and digest_file(target) == expected:
            return expected
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_suffix(f".{os.getpid()}.part")
        try:
            if self._copy(source, temporary) != expected:
                raise ReadError(source, found="a file that changed while it was read", expected="a finished file")
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        self._sync_folder(target.parent)
        return expected

    @staticmethod
    def _copy(source: Path, target: Path) -> str:
        """Copy a file to the disk itself, and return the SHA-256 of what was copied."""
        copied = hashlib.sha256()
        with source.open("rb") as given, target.open("wb") as kept:
            while block := given.read(1 << 20):
                copied.update(block)
                kept.write(block)
            kept.flush()
            os.fsync(kept.fileno())
        return copied.hexdigest()

    @staticmethod
    def _sync_folder(folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def read(self, sha256: str) -> bytes:
        """Return a file's bytes, verified against their digest.

        Parameters
        ----------
        sha256 : str
            The digest it was kept under.

        Returns
        -------
        bytes
            The content.

        Raises
        ------
        ConflictError
            The file is missing or no longer matches its digest.
        """
        path = self.path_of(sha256)
        if not path.is_file():
            raise ConflictError(self._missing(sha256))
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ConflictError(_damaged(path))
        return content

    def verify(self, sha256: str) -> None:
        """Check that a file is there and whole, without holding it in memory.

        Parameters
        ----------
        sha256 : str
            The digest it was kept under.

        Raises
        ------
        ConflictError
            The file is missing or no longer matches its digest.
        """
        path = self.path_of(sha256)
        if not path.is_file():
            raise ConflictError(self._missing(sha256))
        if digest_file(path) != sha256:
            raise ConflictError(_damaged(path))

    def _missing(self, sha256: str) -> str:
        return f"raw file {sha256[:12]} is missing from {self.folder}. Restore it from a backup."

    def kept(self) -> Iterator[Path]:
        """List every file in the store, also leftovers of interrupted copies."""
        if self.folder.is_dir():
            yield from sorted(path for path in self.folder.glob("*/*") if path.is_file())
