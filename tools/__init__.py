"""The modules behind build.py: standard library only, so that they run before anything is there."""
