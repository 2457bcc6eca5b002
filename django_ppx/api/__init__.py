"""The API, for shops whose front end is not Django's. The only folder that imports Django REST framework.

A view checks who asks and what, makes one service call and translates the answer. `path("ppx/api/",
include("django_ppx.api.urls"))` is all that a host adds.
"""
