"""The endpoint ``api/[security=...,/][tasks/]caption/SOURCE``: its grammar, tasks and answers.

Pure Python, no network, no server: whoever listens hands paths and bytes in, and sends what comes
out. The grammar is the one of Filestack's processing API.

    request = parse_path("resize=w:300/caption/src://photos/bird.jpg")
    data = transform(read_image(data).pixels, request.tasks)
    status, body = failure(error)
"""
