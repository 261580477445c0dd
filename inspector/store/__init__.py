"""The store: the only place that knows a database.

``Store`` keeps deliveries and endpoints, ``Archive`` is its reading half, ``Doorbell`` tells that something
changed.
"""

from inspector.store.archive import Archive
from inspector.store.doorbell import Doorbell
from inspector.store.endpoints import ROOT_ID
from inspector.store.secrets import Secrets
from inspector.store.state import Changes, Position, StoreState
from inspector.store.store import Store

__all__ = ["ROOT_ID", "Archive", "Changes", "Doorbell", "Position", "Secrets", "Store", "StoreState"]
