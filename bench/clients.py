"""Clients as processes of their own, which stay warm from slice to slice."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Protocol

from bench.bookers import BASE_DOMAIN, Booker, Bookers
from bench.floor import Booked
from bench.schools import Place
from layers.smoke import environments

# A worker that does not answer by then has failed, and has said why on its standard error.
ANSWER_SECONDS = 60


class Way(Protocol):
    """Which lesson each booking of a slice is of; it is pickled."""

    def step(self, count: int) -> tuple[Place, int]: ...


@dataclass(frozen=True, slots=True)
class Order:
    """What a client is told to do: book along its way for so many seconds."""

    booker: str
    way: Way
    seconds: float


@dataclass
class Clients:
    """The ends of the clients' pipes."""

    pipes: list[Connection]

    def book(self, booker: str, ways: Sequence[Way], seconds: float) -> Booked:
        """One slice of as many clients as there are ways."""
        active = self.pipes[: len(ways)]
        for pipe, way in zip(active, ways, strict=True):
            pipe.send(Order(booker, way, seconds))
        told = [_answer(pipe) for pipe in active]
        count = sum(each.count for each in told)
        spent = sum(each.processor * each.count for each in told)
        return Booked(count, sum(each.rate for each in told), spent / count)


def _answer(pipe: Connection) -> Booked:
    if not pipe.poll(ANSWER_SECONDS):
        raise RuntimeError("a client does not answer")
    told: Booked = pipe.recv()
    return told


@contextmanager
def clients(count: int, database_url: str) -> Iterator[Clients]:
    """Processes that wait for orders; they end when their pipe is closed."""
    # The clients inherit it, for modules read it while they are imported.
    os.environ.update(environments()["functions/booking_api"])
    os.environ.update(DATABASE_URL=database_url, BASE_DOMAIN=BASE_DOMAIN, API_HOSTS=f"api.{BASE_DOMAIN}")
    spawn = get_context("spawn")
    ours, processes = [], []
    for _ in range(count):
        here, there = spawn.Pipe()
        process = spawn.Process(target=serve, args=(there, database_url), daemon=True)
        process.start()
        there.close()
        ours.append(here)
        processes.append(process)
    try:
        yield Clients(ours)
    finally:
        for pipe in ours:
            pipe.close()
        for process in processes:
            process.join(ANSWER_SECONDS)


def serve(pipe: Connection, database_url: str) -> None:
    """The life of a client."""
    # What handlers log is part of their work, but nothing to be read here.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    bookers = Bookers(database_url)
    while True:
        try:
            order: Order = pipe.recv()
        except EOFError:
            return
        pipe.send(run(bookers.named(order.booker), order))


def run(book: Booker, order: Order) -> Booked:
    """Books until the time is over; the first lesson, which may have to connect, is not counted."""
    book(*order.way.step(0))
    count, began, spent = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < order.seconds:
        count += 1
        book(*order.way.step(count))
    return Booked(count, count / (time.perf_counter() - began), (time.process_time() - spent) / count)
