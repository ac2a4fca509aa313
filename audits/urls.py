"""Addresses of this room."""

app_name = "audits"
urlpatterns = []
