"""The directory of a Postgres cluster: where it may lie, its password, who is using it."""

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.errors import PostgresUnavailable
from local.postgres_binaries import Account, major_version


def usable_directory(wanted: Path, account: Account) -> Path:
    if wanted.is_symlink() and not wanted.exists():
        wanted.unlink()
    wanted.mkdir(parents=True, exist_ok=True)
    directory = wanted.resolve()
    if not wanted.is_symlink() and not account.can_enter(directory.parent):
        if any(directory.iterdir()):
            raise PostgresUnavailable(f"the server's account cannot reach {directory}: delete or move it")
        directory = Path(tempfile.mkdtemp(prefix="booking-data-"))
        wanted.rmdir()
        wanted.symlink_to(directory)
    account.own(directory)
    directory.chmod(0o700)
    return directory


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Two runs over the same data would take each other for the leftovers of a crash."""
    with (directory / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PostgresUnavailable(f"another run is using the database in {directory}") from None
        yield


def stop_orphan(cluster: Path, binaries: Path, account: Account) -> None:
    """A server can survive a run that was killed. A stale pid file alone is the server's business."""
    if (cluster / "postmaster.pid").exists():
        account.run([str(binaries / "pg_ctl"), "-D", str(cluster), "-m", "fast", "-w", "stop"], cluster)


def create_cluster(directory: Path, binaries: Path, account: Account, *, durable: bool) -> str:
    """The superuser's password: loopback is shared by every user and container of a machine, so
    trusting it would give everybody the database.
    """
    cluster, password_file = directory / "pgdata", directory / "password"
    major = major_version(binaries, account)
    if (cluster / "PG_VERSION").exists():
        found = (cluster / "PG_VERSION").read_text().strip()
        if found != major:
            raise PostgresUnavailable(
                f"{cluster} belongs to Postgres {found}, this is {major}: `make clean` forgets the data"
            )
        return password_file.read_text().strip()
    password = secrets.token_urlsafe(24)
    write_private(password_file, password, account)
    # A half-made cluster of an interrupted run never gets the real name.
    unfinished = directory / "pgdata.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    made = account.run(initdb(binaries, unfinished, password_file, major, durable=durable), directory)
    if made.returncode != 0:
        raise PostgresUnavailable(f"initdb failed: {made.stderr.strip()}")
    unfinished.rename(cluster)
    return password


def initdb(binaries: Path, cluster: Path, password_file: Path, major: str, *, durable: bool) -> list[str]:
    # The same order of text on every machine, whatever locales it has.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if int(major) >= 17 else []
    return [
        str(binaries / "initdb"),
        f"--pgdata={cluster}",
        "--username=postgres",
        f"--pwfile={password_file}",
        "--auth-local=reject",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        *builtin,
        *([] if durable else ["--no-sync"]),
    ]


def write_private(path: Path, text: str, account: Account) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    account.own(path)
