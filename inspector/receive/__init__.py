"""The way in: from bytes on a socket to a judged and stored delivery, and the reply its sender gets."""
