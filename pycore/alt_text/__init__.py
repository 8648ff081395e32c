"""From a caption to alt text that can be published: drafts, checks, and forms for copying.

Rules and tables, no model. Everything here runs in CPython and in the page's MicroPython alike, so
that a person sees what the rules say while typing, however busy the worker is. Hence there are no
dataclasses, no typing and no regular expressions; letters beyond ASCII keep their case in
MicroPython. Import the modules by their names: the page has no such file as this.
"""
