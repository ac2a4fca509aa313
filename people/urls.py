"""Addresses of this room."""

from django.urls import path

from people.views import accounts, disclosures, holidays, persons, relatives, rosters, units

app_name = "people"
urlpatterns = [
    path("", persons.person_list, name="person_list"),
    path("<int:pk>/", persons.person_detail, name="person_detail"),
    path("<int:pk>/reveal/", persons.person_reveal, name="person_reveal"),
    path("<int:pk>/payee/", persons.person_payee, name="person_payee"),
    path("units/", units.unit_list, name="unit_list"),
    path("units/new/", units.unit_new, name="unit_new"),
    path("units/<int:pk>/rename/", units.unit_rename, name="unit_rename"),
    path("accounts/", accounts.user_list, name="user_list"),
    path("accounts/new/", accounts.user_new, name="user_new"),
    path("accounts/<int:pk>/password/", accounts.user_password, name="user_password"),
    path("accounts/<int:pk>/close/", accounts.user_close, name="user_close"),
    path("accounts/<int:pk>/reopen/", accounts.user_reopen, name="user_reopen"),
    path("appointments/", accounts.appointment_list, name="appointment_list"),
    path("appointments/new/", accounts.appointment_new, name="appointment_new"),
    path("appointments/<int:pk>/end/", accounts.appointment_end, name="appointment_end"),
    path("relatives/", relatives.kinship_list, name="kinship_list"),
    path("relatives/new/", relatives.kinship_new, name="kinship_new"),
    path("holidays/", holidays.holiday_list, name="holiday_list"),
    path("holidays/new/", holidays.holiday_new, name="holiday_new"),
    path("holidays/<int:pk>/remove/", holidays.holiday_remove, name="holiday_remove"),
    path("holidays/import/", holidays.holiday_import, name="holiday_import"),
    path("holidays/template/", holidays.holiday_template, name="holiday_template"),
    path("disclosures/", disclosures.disclosure_list, name="disclosure_list"),
    path("disclosures/mine/", disclosures.my_disclosures, name="my_disclosures"),
    path("import/", rosters.roster_import, name="roster_import"),
    path("import/template/", rosters.import_template, name="import_template"),
    path("import/<int:pk>/", rosters.import_detail, name="import_detail"),
    path("import/<int:pk>/confirm/", rosters.import_confirm, name="import_confirm"),
    path("demo/", accounts.demo_login, name="demo_login"),
]
