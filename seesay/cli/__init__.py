"""The command ``seesay``: captions for files, models, and a server for this machine."""
