"""The embedded PostgreSQL and Valkey behind `make run` and `make test`, and what supervises them.

Nothing here runs in a real deployment: there `DATABASE_URL` and `REDIS_URL` name real servers.
"""
