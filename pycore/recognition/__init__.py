"""What a photograph shows, in plain words: from boxes and class scores to a sentence.

``describe`` is the way in; ``router`` tells photographs from drawings and pages of text.
"""
