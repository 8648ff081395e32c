"""The starter's models for photographs, a detector and a namer, made from pinned packages."""
