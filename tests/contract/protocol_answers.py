"""What worker/protocol.py says to a list of messages; runs in CPython and in MicroPython."""

import json

import protocol


def answer(message):
    """Return what ``check_request`` returns, or how it refuses."""
    try:
        return {"accepted": list(protocol.check_request(message))}
    except protocol.MessageError as error:
        return {"refused": str(error)}


def main(path):
    """Print the answers to the messages in a JSON file."""
    with open(path) as file:  # noqa: PTH123 - MicroPython has no pathlib
        messages = json.load(file)
    names = ("VERSION", "TYPES", "REQUESTS", "ANSWERS", "EVENTS", "ENDS")
    constants = {name: getattr(protocol, name) for name in names}
    envelope = protocol.make_message(7, "progress", {"stage": "model"})
    answers = [answer(message) for message in messages]
    print(json.dumps({"constants": constants, "envelope": envelope, "answers": answers}))
