"""A Postgres server of our own, on loopback, for the local run, the tests and the benchmarks."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local.errors import PostgresUnavailable
from local.postgres_binaries import ENVIRONMENT, Account, find_binaries, server_account
from local.postgres_cluster import create_cluster, only_one, stop_orphan, usable_directory

START_SECONDS = 30.0
STOP_SECONDS = 10.0

# For data that nobody misses after a power cut. Commits are still written before they are
# acknowledged, so killing the server proves as much as with the real settings.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


@dataclass
class PostgresServer:
    """A running server; `url` is its superuser's, with the password."""

    data_directory: Path
    binaries: Path
    account: Account
    password: str
    settings: Mapping[str, str]
    wanted_port: int | None = None
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    @property
    def cluster(self) -> Path:
        return self.data_directory / "pgdata"

    @property
    def log(self) -> Path:
        return self.data_directory / "postgres.log"

    def start(self) -> None:
        """Tries again while a killed predecessor's processes still end, or somebody took the port."""
        deadline = time.monotonic() + START_SECONDS
        self.port = self.wanted_port or self.port or free_port()
        while not self.started(deadline):
            if time.monotonic() > deadline:
                raise PostgresUnavailable(f"Postgres does not start: {last_lines(self.log)}")
            if self.wanted_port is None:
                self.port = free_port()
            time.sleep(0.2)

    def started(self, deadline: float) -> bool:
        self.process = self.launch()
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            if is_ready(self.cluster / "postmaster.pid", self.process.pid):
                return True
            time.sleep(0.02)
        self.kill()
        return False

    def launch(self) -> "subprocess.Popen[bytes]":
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            **self.settings,
        }
        options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [str(self.binaries / "postgres"), "-D", str(self.cluster), *options],
                cwd=self.data_directory,
                env=ENVIRONMENT,
                user=self.account.uid,
                group=self.account.gid,
                extra_groups=None if self.account.uid is None else [],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C reaches a whole terminal session; the server has to outlive its clients.
                start_new_session=True,
            )

    def kill(self) -> None:
        """As a power cut would, for the fault tests."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Ends open connections, writes a checkpoint, ends; harder when that takes too long."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(STOP_SECONDS)

    def restart(self) -> None:
        """On the same port; after `kill` it recovers from its log first."""
        self.stop()
        self.wanted_port = self.port
        self.start()


@contextmanager
def postgres_server(
    data_directory: Path,
    *,
    port: int | None = None,
    settings: Mapping[str, str] = {},
    durable: bool = True,
) -> Iterator[PostgresServer]:
    """A server over the cluster in `data_directory`, which is made when it is absent.

    As root the server runs as an unprivileged account. A directory that this account cannot reach
    becomes a link to one under the system's directory for temporary files, which is kept like any other
    data when the server is durable and removed at the end when it is not.
    """
    account = server_account()
    binaries = find_binaries(account)
    directory = usable_directory(data_directory, account)
    with only_one(directory):
        stop_orphan(directory / "pgdata", binaries, account)
        password = create_cluster(directory, binaries, account, durable=durable)
        server = PostgresServer(
            data_directory=directory,
            binaries=binaries,
            account=account,
            password=password,
            settings={**({} if durable else NOT_DURABLE), **settings},
            wanted_port=port,
        )
        try:
            server.start()
            yield server
        finally:
            server.stop()
            if not durable and data_directory.is_symlink():
                shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def temporary_postgres_server(*, settings: Mapping[str, str] = {}) -> Iterator[PostgresServer]:
    """A server whose data is gone afterwards: for tests and benchmarks."""
    with tempfile.TemporaryDirectory(prefix="booking-test-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        directory.chmod(0o711)
        with postgres_server(directory / "data", settings=settings, durable=False) as server:
            yield server


def is_ready(pid_file: Path, pid: int) -> bool:
    """The server writes its state into line 8, which is what `pg_ctl --wait` reads."""
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def last_lines(path: Path, count: int = 5) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-count:])
