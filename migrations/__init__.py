"""The database's history: Alembic revisions that serve an empty database and a live Cal.com one alike."""
