"""Fetching files that may take long: retries, resuming, and what to tell a person."""
