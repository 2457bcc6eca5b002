"""django-oscar, connected: its orders read, our codes taken at its own checkout. An app without tables.

`docs/oscar.md` says how to install it. Whether a code is good, what it takes off and which order used it is decided by
our ledger alone (docs/adr/0005).
"""
