"""Kiln & Tide, the example shop: an ordinary Django shop with django-ppx in it."""
