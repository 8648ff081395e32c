"""The library: captions kept in an SQLite database, searched, reviewed, worked off as a queue.

The schema (``schema/``) and every statement (``statements/``) are .sql files that any SQLite runs:
the browser's worker reads the same ones. Python adds records, checks and the order of statements,
over a Protocol of two methods (``database.Database``).

    database = StdlibDatabase(path)              # or the bridge to the browser's worker
    await open_schema(database)                  # makes, upgrades or refuses
    library = Library(database, clock)
    image_id = await library.images.add(NewImage(...))
    await library.queue.add(Order("ViT-GPT2", revision), which="without caption")
    rows = await library.listing.rows(Query(text="dog on beach"), limit=100)
"""
