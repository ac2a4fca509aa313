"""The door for gunicorn and waitress; it stays shut while a database guard is missing."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hardship.settings")

application = get_wsgi_application()

from base import guards  # noqa: E402 - the models can be read only now

guards.require(connection)
connection.close()
