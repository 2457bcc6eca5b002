"""Tests with a real Oscar shop, in an environment of their own: `make test-oscar`."""
