"""What speaks to the browser: fetch, cache storage, locks, its image decoder."""
