"""``seesay serve``: the endpoint on this machine, for programs on this machine."""
