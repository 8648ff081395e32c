"""Models kept on this device: fetched, verified, imported, exported, removed."""
