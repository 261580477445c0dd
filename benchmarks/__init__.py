"""How fast callbacks are taken in and shown, as ratios to a server that does nothing with them.

``python -m benchmarks`` starts Callback Inspector and a raw ASGI application under stock uvicorn side by side
and loads them in turns, so that what else the machine does falls on both. Absolute figures depend on the
machine; ratios hold.
"""
