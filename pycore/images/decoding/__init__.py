"""What stands between foreign bytes and an image: readers, and checks on what they claim."""
