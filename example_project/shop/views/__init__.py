"""The shop's pages, a module a step of the visit."""
