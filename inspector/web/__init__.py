"""The inspector's side of the house: page, JSON API and event stream behind one guard."""
