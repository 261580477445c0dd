"""The store: the only place that knows a database.

``Store`` keeps deliveries and endpoints, ``Archive`` is its reading half, ``Doorbell`` tells that something
changed.
"""

from inspector.store.archive import Archive
from inspector.store.arrivals import ARRIVAL_MINUTES, Arrivals
from inspector.store.doorbell import Doorbell
from inspector.store.endpoints import ROOT_ID
from inspector.store.search import SEARCH_SECONDS, Count
from inspector.store.secrets import Secrets
from inspector.store.state import Changes, Position, StoreState
from inspector.store.store import Store

__all__ = [
    "ARRIVAL_MINUTES",
    "ROOT_ID",
    "SEARCH_SECONDS",
    "Archive",
    "Arrivals",
    "Changes",
    "Count",
    "Doorbell",
    "Position",
    "Secrets",
    "Store",
    "StoreState",
]
