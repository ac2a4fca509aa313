"""Addresses of this room."""

from django.urls import path

from audits import views

app_name = "audits"
urlpatterns = [
    path("proof/", views.proof, name="proof"),
    path("proof/verify/", views.proof_verify, name="proof_verify"),
    path("proof/<int:pk>/", views.verification, name="verification"),
    path("statistics/", views.statistics_page, name="statistics"),
]
