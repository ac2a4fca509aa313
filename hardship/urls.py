"""Every address of the program; each room's own stand in its urls.py."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from hardship import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("language/", login_not_required(set_language), name="set_language"),
    path("size/", views.set_size, name="set_size"),
    path("ui/", views.ui, name="ui"),
    path("people/", include("people.urls")),
    path("", include("cases.urls")),
    path("", include("funds.urls")),
    path("", include("audits.urls")),
]
