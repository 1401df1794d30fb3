"""A database of one test's own, for what only committed rows can show: threads, locks, lost connections. No test after it sees anything of it."""

import itertools
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import psycopg
from django.db import connection, connections

copies = itertools.count(1)


@contextmanager
def own_database(folder):
    """The tests' database, copied; everything asks the copy until the end."""
    usual = connection.settings_dict["NAME"]
    make, drop = (copy_file, None) if connection.vendor == "sqlite" else (copy_on_server, drop_on_server)
    let_go()
    name = make(usual, folder)
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        let_go()
        connection.settings_dict["NAME"] = usual
        if drop:
            drop(name)


def let_go():
    """Close this thread's connection, and those that wait in the pool."""
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()


def copy_file(usual, folder):
    name = str(folder / f"own-test-{next(copies)}.sqlite3")
    with closing(sqlite3.connect(usual)) as source, closing(sqlite3.connect(name)) as copy:
        source.backup(copy)
    return name


@contextmanager
def server():
    """The PostgreSQL server, beside every database of the tests."""
    details = connection.settings_dict
    parts = {"host": details["HOST"], "port": details["PORT"], "user": details["USER"], "password": details["PASSWORD"]}
    with psycopg.connect(**parts, dbname="postgres", autocommit=True) as admin:
        yield admin


def copy_on_server(usual, folder):
    name = f"own_test_{next(copies)}"
    with server() as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{usual}"')
    return name


def drop_on_server(name):
    with server() as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def lost():
    """No database: on SQLite another program holds it for longer than we wait, on PostgreSQL connections are cut and no new ones taken."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA busy_timeout = 50")
        with closing(sqlite3.connect(name, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
        return
    with server() as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def at_once(*jobs):
    """Do them all at the same moment, each with a connection of its own. Returns what each returned."""
    gate = threading.Barrier(len(jobs))

    def do(job):
        try:
            gate.wait(10)
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(do, jobs))
