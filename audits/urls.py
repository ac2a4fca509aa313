"""Addresses of this room."""

from django.urls import path

from audits import views

app_name = "audits"
urlpatterns = [
    path("proof/", views.proof, name="proof"),
    path("proof/verify/", views.proof_verify, name="proof_verify"),
    path("proof/<int:pk>/", views.verification, name="verification"),
    path("proof/freeze/<int:pk>/", views.freeze, name="freeze"),
    path("proof/freeze/<int:pk>/lift/", views.freeze_lift, name="freeze_lift"),
    path("statistics/", views.statistics_page, name="statistics"),
]
