"""System checks: a wrong setting is reported at start-up, with an id and a hint."""
