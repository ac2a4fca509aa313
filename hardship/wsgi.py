"""The door for gunicorn and waitress."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connection

from base import guards

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hardship.settings")

application = get_wsgi_application()
guards.require(connection)  # no page is served from a database whose guards are off
connection.close()
