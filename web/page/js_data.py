"""Plain data from JavaScript.

Runs in MicroPython.
"""

import json

from pyscript import window


class Record:
    """A copy of a JavaScript object; its fields are attributes, its numbers floats.

    It goes through text, because whole numbers from JavaScript wrap beyond 32 bits in MicroPython
    1.27: a file of 3 GB would have a negative size.
    """

    def __init__(self, value):
        for name, field in json.loads(window.JSON.stringify(value)).items():
            setattr(self, name, float(field) if type(field) is int else field)
