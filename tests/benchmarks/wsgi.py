"""The application that gunicorn serves in a benchmark: the host of the tests, on the database of the measurement.

`PPX_BENCH_SETTINGS` is a JSON object of settings, `PPX_BENCH_DATABASE` the name of the database that exists.
"""

from __future__ import annotations

import json
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

for name, value in json.loads(os.environ["PPX_BENCH_SETTINGS"]).items():
    setattr(settings, name, value)
settings.DATABASES["default"] |= {"NAME": os.environ["PPX_BENCH_DATABASE"], "CONN_MAX_AGE": 60}

application = get_wsgi_application()
