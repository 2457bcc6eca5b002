"""The pictures of the example shop, drawn by program: `python -m example_project.artwork`."""
