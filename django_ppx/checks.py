"""System checks: every wrong setting is reported at start-up, with an id and a hint, not at a customer's request."""
