"""Who may open which address: every person, every address, written out by hand (IA1, IA2); and no
page leads its reader to a refusal.

L sign in first · 2 shown · > led on · 3 refused and told why · 4 not there for them · 5 only POST

One emergency grant of a household on file waits for the company's verification; a second one was
published, objected to and is being handled; a third was paid. "elsewhere" holds every company role
in another company.
"""

import html
import re

import pytest
import time_machine
from django.db import transaction
from django.urls import resolve, reverse

from audits import actions as audits
from cases import actions as cases
from cases import tasks
from cases.models import Document, Export, Objection, Receipt, RegisterImport, Supporter
from cases.workflow import Programme, Status
from funds import actions as funds
from funds.models import (
    Account,
    BankResult,
    Batch,
    Freeze,
    Match,
    PaymentRun,
    Period,
    Transfer,
)
from people.models import Appointment, Holiday, HolidayKind, RosterImport
from people.roles import COMPANY_ROLES, Role
from tests.cases import must_visits
from tests.cases.life import exited, recovered
from tests.conftest import StrictClient
from tests.factories import NOON, AppointmentFactory, UnitFactory, UserFactory, appoint
from tests.funds import bank, bank_files, papers, recoveries
from tests.test_consistency import our_urls
from tests.world import DAY, World

WHO = (
    "stranger", "applicant", "colleague", "informant", "officer", "chair", "other_officer",
    "company_officer", "company_chair", "secretary", "leader", "cashier", "accountant",
    "discipline", "auditor", "admin", "elsewhere",
)  # fmt: skip

REFUSED = {"3", "4"}
NO_PAGES = {"cases:document"}  # files, which the matrix only lists
HREF = re.compile(r'href="(/(?!static/)[^"#]*)')

# Columns: stranger, applicant, colleague, informant, officer, chair, officer of another unit,
# company officer, company chair, secretary, leader, cashier, accountant, discipline, auditor,
# admin, somebody elsewhere.
# fmt: off
MATRIX = {
    "home":                     "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "healthz":                  "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "set_size":                 "5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "ui":                       "L 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "people:person_list":       "L 3 3 2 2 2 2 2 2 3 3 3 3 3 2 2 2",
    "people:person_detail":     "L 2 4 2 2 2 4 2 2 4 4 4 4 4 2 2 4",
    "people:person_reveal":     "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "people:person_payee":      "L 2 4 3 2 2 4 2 2 4 4 4 4 4 3 3 4",
    "people:unit_list":         "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2",
    "people:unit_new":          "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2",
    "people:unit_rename":       "L 4 4 4 4 4 4 4 4 4 4 4 4 4 4 2 4",
    "people:user_list":         "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2",
    "people:user_new":          "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2",
    "people:user_password":     "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 4",
    "people:user_close":        "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 4",
    "people:user_reopen":       "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 4",
    "people:appointment_list":  "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2",
    "people:appointment_new":   "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2",
    "people:appointment_end":   "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 4",
    "people:kinship_list":      "L 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "people:kinship_new":       "L 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "people:holiday_list":      "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2",
    "people:holiday_new":       "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2",
    "people:holiday_remove":    "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2",
    "people:holiday_import":    "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2",
    "people:holiday_template":  "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2",
    "people:disclosure_list":   "L 3 3 3 3 3 3 3 3 3 3 3 3 3 2 2 2",
    "people:my_disclosures":    "L 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "people:roster_import":     "L 3 3 3 3 3 3 2 3 3 3 3 3 3 3 2 2",
    "people:import_template":   "L 3 3 3 3 3 3 2 3 3 3 3 3 3 3 2 2",
    "people:import_detail":     "L 4 4 4 4 4 4 2 4 4 4 4 4 4 4 2 4",
    "people:import_confirm":    "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "people:demo_login":        "5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "cases:notice_list":        "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:notice_detail":      "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:notice_print":       "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:notice_object":      "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:objection_receipt":  "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:progress":           "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:apply":              "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:apply_new":          "L > > > > > > > > > > > > > > > >",
    "cases:apply_other":        "L 3 3 2 2 2 2 3 3 3 3 3 3 3 3 3 3",
    "cases:self_test":          "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:apply_case":         "L > 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:apply_event":        "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:apply_tuition":      "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:apply_medical":      "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:apply_payee":        "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:apply_declare":      "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:apply_check":        "L > 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:apply_done":         "L 2 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4",
    "cases:my":                 "L 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:dossier_describe":   "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:member_add":         "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:member_edit":        "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:member_remove":      "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:supporter_add":      "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:supporter_edit":     "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:supporter_remove":   "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:dossier_form":       "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:expense_add":        "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:expense_edit":       "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:expense_remove":     "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:dossier_gates":      "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:document_add":       "L 2 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:document_remove":    "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:document":           "L 2 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:dossier_list":       "L 3 3 3 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:dossier_new":        "L 3 3 2 2 2 2 3 3 3 3 3 3 3 3 3 3",
    "cases:register_import":    "L 3 3 3 3 3 3 2 3 3 3 3 3 3 3 3 2",
    "cases:register_template":  "L 3 3 3 3 3 3 2 3 3 3 3 3 3 3 3 2",
    "cases:register_detail":    "L 4 4 4 4 4 4 2 4 4 4 4 4 4 4 4 4",
    "cases:register_confirm":   "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "cases:register_report":    "L 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4",
    "cases:dossier_cards":      "L 3 3 3 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:export_list":        "L 3 3 3 2 2 2 2 3 3 3 3 3 3 3 3 2",
    "cases:export_new":         "L 3 3 3 2 2 2 2 3 3 3 3 3 3 3 3 2",
    "cases:export_detail":      "L 4 4 4 4 4 4 2 4 4 4 4 4 4 4 4 4",
    "cases:export_download":    "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "cases:export_resume":      "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "cases:dossier_detail":     "L 2 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:dossier_reveal":     "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "cases:dossier_card":       "L 2 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:dossier_mark":       "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:dossier_recheck":    "L 3 4 4 > > 4 > 3 4 4 4 4 4 3 4 4",
    "cases:revision_diff":      "L 2 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:change_list":        "L 3 3 2 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:change_find":        "L 3 3 2 2 2 2 2 3 3 3 3 3 3 3 3 2",
    "cases:change_new":         "L 2 4 2 2 2 4 2 4 4 4 4 4 4 4 4 4",
    "cases:change_detail":      "L 2 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:change_take":        "L 3 4 4 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:change_dismiss":     "L 3 4 4 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:exit_propose":       "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:exit_decide":        "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:exit_letter":        "L 2 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:dossier_cancel":     "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:dossier_transfer":   "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:dossier_return":     "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:retention_list":     "L 3 3 3 3 3 3 2 2 3 3 3 3 3 2 3 2",
    "cases:watch_list":         "L 3 3 3 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:watch_answer":       "L 3 3 3 4 4 4 4 4 3 3 3 3 3 4 3 4",
    "cases:campaign_list":      "L 3 3 3 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:campaign_new":       "L 3 3 3 3 3 3 2 3 3 3 3 3 3 3 3 2",
    "cases:campaign_detail":    "L 3 3 3 2 2 2 2 2 3 3 3 3 3 2 3 4",
    "cases:campaign_unchanged": "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "cases:recheck_record":     "L 4 4 4 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:follow_up_list":     "L 3 3 3 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:follow_up":          "L 4 4 4 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:visit_new":          "L 3 4 4 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:visit_list":         "L 3 3 2 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:visit_detail":       "L 4 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:visit_sheet":        "L 4 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:visit_photos":       "L 4 4 4 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:take_over":          "L 4 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:visit_plan":         "L 3 3 3 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:plan_new":           "L 3 3 3 > > > > 3 3 3 3 3 3 3 3 >",
    "cases:plan_cancel":        "L 4 4 4 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:plan_sheets":        "L 3 3 2 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:visit_duties":       "L 3 3 3 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:informant_list":     "L 3 3 2 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:informant_detail":   "L 4 4 2 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:informant_edit":     "L 4 4 3 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:informant_train":    "L 4 4 3 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:incident_list":      "L 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:incident_new":       "L 2 2 2 2 2 2 2 3 3 3 3 3 3 3 3 2",
    "cases:incident_timeliness": "L 3 3 3 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:incident_detail":    "L 2 4 2 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:incident_visit":     "L 3 4 3 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:incident_skip":      "L 3 4 3 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:incident_close":     "L 3 4 3 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:incident_apply":     "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "cases:incident_gift":      "L 3 4 3 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:gift_list":          "L 3 3 3 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:gift_new":           "L 3 3 3 2 2 2 2 3 3 3 3 3 3 3 3 2",
    "cases:gift_detail":        "L 4 4 4 2 2 2 2 2 4 4 4 4 4 2 4 4",
    "cases:gift_edit":          "L 4 4 4 3 3 3 2 3 4 4 4 4 4 3 4 4",
    "cases:gift_add":           "L 4 4 4 2 2 2 2 3 4 4 4 4 4 3 4 4",
    "cases:gift_give":          "L 4 4 4 2 2 2 2 3 4 4 4 4 4 3 4 4",
    "cases:gift_sheet":         "L 4 4 4 2 2 2 2 2 4 4 4 4 4 2 4 4",
    "cases:gift_receipt_add":   "L 4 4 4 2 2 2 2 3 4 4 4 4 4 3 4 4",
    "cases:gift_receipt":       "L 4 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:gift_row":           "L 4 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:gift_skip":          "L 4 4 4 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:referral_list":      "L 3 3 3 2 2 2 2 2 3 3 3 3 3 2 3 2",
    "cases:referral_new":       "L 3 3 3 2 2 2 2 3 3 3 3 3 3 3 3 2",
    "cases:referral_detail":    "L 4 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:referral_answer":    "L 4 4 4 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:referral_close":     "L 4 4 4 2 2 4 2 3 4 4 4 4 4 3 4 4",
    "cases:policy_list":        "L 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:policy_line":        "L 3 3 3 3 3 3 2 3 3 3 3 3 3 3 3 2",
    "cases:policy_detail":      "L 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 4",
    "cases:policy_enact":       "L 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 4",
    "cases:policy_new":         "L 3 3 3 3 3 3 2 3 3 3 3 3 3 3 3 2",
    "cases:clause_edit":        "L 3 3 3 3 3 3 2 3 3 3 3 3 3 3 3 4",
    "cases:policy_give_up":     "L 3 3 3 3 3 3 2 3 3 3 3 3 3 3 3 4",
    "cases:policy_diff":        "L 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 4",
    "cases:policy_simulate":    "L 3 3 3 3 3 3 2 2 3 3 3 3 3 3 3 4",
    "cases:simulation_detail":  "L 4 4 4 4 4 4 2 2 4 4 4 4 4 2 4 4",
    "cases:simulation_resume":  "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "funds:simulation_budget":  "L 4 4 4 4 4 4 2 2 4 4 4 4 4 2 4 4",
    "cases:round_list":         "L 3 3 3 3 3 3 2 2 3 3 3 3 3 2 3 2",
    "cases:round_new":          "L 3 3 3 3 3 3 2 3 3 3 3 3 3 3 3 2",
    "cases:round_detail":       "L 3 3 3 3 3 3 2 2 3 3 3 3 3 2 3 4",
    "cases:round_resume":       "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "cases:round_left_out":     "L 3 3 3 3 3 3 2 2 3 3 3 3 3 2 3 4",
    "cases:case_list":          "L 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2",
    "cases:case_detail":        "L 2 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:case_why":           "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:case_form":          "L 2 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:case_approval":      "L 3 4 4 2 2 4 2 2 4 4 4 4 4 2 4 4",
    "cases:submit":             "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:withdraw":           "L 2 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:give_back":          "L 3 4 4 3 3 4 2 3 4 4 4 4 4 3 4 4",
    "cases:review":             "L 3 4 4 3 3 4 3 3 4 4 4 4 4 3 4 4",
    "cases:decline":            "L 3 4 4 3 3 4 2 3 4 4 4 4 4 3 4 4",
    "cases:check_event":        "L 3 4 4 3 3 4 2 3 4 4 4 4 4 3 4 4",
    "cases:assess":             "L 3 4 4 3 3 4 2 3 4 4 4 4 4 3 4 4",
    "cases:verify":             "L 3 4 4 3 3 4 2 3 4 4 4 4 4 3 4 4",
    "cases:objection_list":     "L 3 3 3 3 3 3 3 3 3 3 3 3 2 2 3 2",
    "cases:objection_detail":   "L 4 4 4 4 4 4 4 4 4 4 4 4 2 2 4 4",
    "cases:hold":               "L 4 4 4 4 4 4 4 4 4 4 4 4 2 3 4 4",
    "cases:release":            "L 4 4 4 4 4 4 4 4 4 4 4 4 2 3 4 4",
    "cases:reopen":             "L 4 4 4 4 4 4 4 4 4 4 4 4 2 3 4 4",
    "funds:batch_list":         "L 3 3 3 3 3 3 2 2 2 2 2 2 3 2 3 2",
    "funds:batch_new":          "L 3 3 3 3 3 3 2 3 3 3 3 3 3 3 3 2",
    "funds:batch_detail":       "L 4 4 4 4 4 4 2 2 2 2 2 2 4 2 4 4",
    "funds:add_lines":          "L 4 4 4 4 4 4 2 3 3 3 3 3 4 3 4 4",
    "funds:explain_order":      "L 4 4 4 4 4 4 2 3 3 3 3 3 4 3 4 4",
    "funds:unreached":          "L 4 4 4 4 4 4 2 2 2 2 2 2 4 2 4 4",
    "funds:remove_line":        "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "funds:lock":               "L 4 4 4 4 4 4 3 2 3 3 3 3 4 3 4 4",
    "funds:recall":             "L 4 4 4 4 4 4 3 3 3 3 3 3 4 3 4 4",
    "funds:decide":             "L 4 4 4 4 4 4 3 3 3 > 3 3 4 3 4 4",
    "funds:batch_form":         "L 4 4 4 4 4 4 3 3 3 3 3 3 4 3 4 4",
    "funds:publish":            "L 4 4 4 4 4 4 3 3 3 3 3 3 4 3 4 4",
    "funds:meeting_list":       "L 3 3 3 3 3 3 2 2 2 2 2 2 3 2 3 2",
    "funds:meeting_new":        "L 3 3 3 3 3 3 3 3 2 3 3 3 3 3 3 2",
    "funds:meeting_detail":     "L 4 4 4 4 4 4 2 2 2 2 2 2 4 2 4 4",
    "funds:agenda":             "L 4 4 4 4 4 4 3 3 3 3 3 3 4 3 4 4",
    "funds:attend":             "L 4 4 4 4 4 4 3 3 3 3 3 3 4 3 4 4",
    "funds:record":             "L 4 4 4 4 4 4 3 3 3 3 3 3 4 3 4 4",
    "funds:confirm":            "L 4 4 4 4 4 4 3 3 3 3 3 3 4 3 4 4",
    "funds:show":               "L 4 4 4 4 4 4 2 2 2 2 2 2 4 2 4 4",
    "funds:put_off":            "L 4 4 4 4 4 4 3 3 3 3 3 3 4 3 4 4",
    "funds:strike":             "L 4 4 4 4 4 4 3 3 3 3 3 3 4 3 4 4",
    "funds:minutes":            "L 4 4 4 4 4 4 2 2 2 2 2 2 4 2 4 4",
    "funds:ratify":             "L 4 4 4 4 4 4 3 3 3 3 3 3 4 3 4 4",
    "funds:advance_list":       "L 3 3 3 3 3 3 2 2 2 2 2 2 3 2 3 2",
    "funds:advance_new":        "L 3 4 4 3 3 4 3 2 4 4 4 4 4 3 4 4",
    "funds:advance_detail":     "L 4 4 4 4 4 4 2 2 2 2 2 2 4 2 4 4",
    "funds:advance_prepare":    "L 4 4 4 4 4 4 3 3 3 3 2 3 4 3 4 4",
    "funds:advance_post":       "L 4 4 4 4 4 4 3 3 3 3 3 2 4 3 4 4",
    "funds:advance_void":       "L 4 4 4 4 4 4 3 2 3 3 3 3 4 3 4 4",
    "funds:advance_recovery":   "L 4 4 4 4 4 4 3 3 3 3 2 3 4 3 4 4",
    "funds:advance_recover":    "L 4 4 4 4 4 4 3 3 3 3 3 2 4 3 4 4",
    "funds:advance_file":       "L 4 4 4 4 4 4 3 3 3 3 2 2 4 3 4 4",
    "funds:fund_list":          "L 3 3 3 3 3 3 2 2 2 2 2 2 3 2 3 2",
    "funds:fund_new":           "L 3 3 3 3 3 3 3 3 3 3 3 2 3 3 3 2",
    "funds:ledger":             "L 4 4 4 4 4 4 2 2 2 2 2 2 4 2 4 4",
    "funds:receive":            "L 4 4 4 4 4 4 3 3 3 3 2 2 4 3 4 4",
    "funds:budget":             "L 3 3 3 3 3 3 2 2 2 2 2 2 3 2 3 2",
    "funds:budget_sheet":       "L 3 3 3 3 3 3 2 2 2 2 2 2 3 2 3 4",
    "funds:decision_list":      "L 3 3 3 3 3 3 2 2 2 2 2 2 3 2 3 2",
    "funds:decision_detail":    "L 4 4 4 4 4 4 2 2 2 2 2 2 4 2 4 4",
    "funds:decision_new":       "L 4 4 4 4 4 4 2 3 3 3 3 2 4 3 4 4",
    "funds:carry_new":          "L 4 4 4 4 4 4 2 3 3 3 3 2 4 3 4 4",
    "funds:decision_decide":    "L 4 4 4 4 4 4 3 2 3 3 3 3 4 3 4 4",
    "funds:decision_drop":      "L 4 4 4 4 4 4 2 2 3 3 3 2 4 3 4 4",
    "funds:donation_list":      "L 3 3 3 3 3 3 2 2 2 2 2 2 3 2 3 2",
    "funds:reservation_list":   "L 3 3 3 3 3 3 2 2 2 2 2 2 3 2 3 2",
    "funds:reverse":            "L 4 4 4 4 4 4 3 3 3 3 3 2 4 3 4 4",
    "funds:payment_list":       "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:payment_detail":     "L 4 4 4 4 4 4 2 2 4 4 2 2 4 2 4 4",
    "funds:post":               "L 4 4 4 4 4 4 3 3 4 4 3 2 4 3 4 4",
    "funds:give_up":            "L 4 4 4 4 4 4 3 3 4 4 3 3 4 3 4 4",
    "funds:bank_file":          "L 4 4 4 4 4 4 2 2 4 4 2 2 4 2 4 4",
    "funds:bank_file_make":     "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "funds:bank_file_send":     "L 4 4 4 4 4 4 3 3 4 4 > 3 4 3 4 4",
    "funds:bank_result":        "L 4 4 4 4 4 4 3 3 4 4 3 2 4 3 4 4",
    "funds:bank_result_detail": "L 4 4 4 4 4 4 4 4 4 4 4 2 4 4 4 4",
    "funds:bank_result_confirm":      "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "funds:bank_format_list":   "L 3 3 3 3 3 3 3 3 3 3 2 2 3 2 3 2",
    "funds:bank_format_new":    "L 3 3 3 3 3 3 3 3 3 3 3 2 3 3 3 2",
    "funds:bank_format_edit":   "L 4 4 4 4 4 4 4 4 4 4 3 2 4 3 4 4",
    "funds:attempts":           "L 4 4 4 4 4 4 2 2 4 4 2 2 4 2 4 4",
    "funds:payee_check":        "L 4 4 4 4 4 4 3 3 4 4 3 3 4 3 4 4",
    "funds:payment_sheet":      "L 4 4 4 4 4 4 2 2 4 4 2 2 4 2 4 4",
    "funds:bounce":             "L 4 4 4 4 4 4 3 3 4 4 3 2 4 3 4 4",
    "funds:prepare":            "L 4 4 4 4 4 4 3 3 3 3 2 3 4 3 4 4",
    "funds:confirm_payee":      "L 4 4 4 4 4 4 2 3 4 4 3 2 4 3 4 4",
    "funds:hand_over_list":     "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:hand_over_find":     "L 3 3 3 3 3 3 2 3 3 3 2 3 3 3 3 2",
    "funds:hand_over_new":      "L 4 4 4 4 4 4 2 3 4 4 2 3 4 3 4 4",
    "funds:hand_over_detail":   "L 4 4 4 4 4 4 2 2 4 4 2 2 4 2 4 4",
    "funds:hand_over_decide":   "L 4 4 4 4 4 4 3 2 4 4 3 2 4 3 4 4",
    "funds:hand_over_call_off": "L 4 4 4 4 4 4 2 2 4 4 2 2 4 3 4 4",
    "funds:id_copy":            "L 4 4 4 4 4 4 2 3 4 4 2 3 4 3 4 4",
    "funds:sheet_signed":       "L 4 4 4 4 4 4 3 3 4 4 2 2 4 3 4 4",
    "funds:receipt_sign":       "L 4 4 4 4 4 4 3 3 4 4 2 3 4 3 4 4",
    "funds:money_paper":        "L 4 4 4 4 4 4 2 2 4 4 2 2 4 2 4 4",
    "funds:recovery_list":      "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:recovery_new":       "L 4 4 4 3 3 4 2 3 3 3 3 3 3 3 4 4",
    "funds:recovery_detail":    "L 4 4 4 4 4 4 2 2 4 4 2 2 4 2 4 4",
    "funds:recovery_decide":    "L 4 4 4 4 4 4 3 2 4 4 3 3 4 3 4 4",
    "funds:recovery_tell":      "L 4 4 4 4 4 4 2 3 4 4 3 3 4 3 4 4",
    "funds:recovery_part":      "L 4 4 4 4 4 4 3 3 4 4 2 3 4 3 4 4",
    "funds:recovery_waive":     "L 4 4 4 4 4 4 3 2 4 4 3 3 4 3 4 4",
    "funds:recovery_letter":    "L 4 4 4 4 4 4 2 2 4 4 3 3 4 3 4 4",
    "funds:recovery_post":      "L 4 4 4 4 4 4 3 3 4 4 3 2 4 3 4 4",
    "funds:recovery_strike":    "L 4 4 4 4 4 4 3 3 4 4 2 2 4 3 4 4",
    "funds:bank_account_new":   "L 3 3 3 3 3 3 3 3 3 3 3 2 3 3 3 2",
    "funds:bank_account_edit":  "L 4 4 4 4 4 4 4 4 4 4 3 2 4 3 4 4",
    "funds:statement_list":     "L 3 3 3 3 3 3 3 3 3 3 2 2 3 2 3 2",
    "funds:statement_import":   "L 3 3 3 3 3 3 3 3 3 3 2 3 3 3 3 2",
    "funds:statement_template": "L 3 3 3 3 3 3 3 3 3 3 2 3 3 3 3 2",
    "funds:statement_import_detail":  "L 4 4 4 4 4 4 4 4 4 4 2 4 4 4 4 4",
    "funds:statement_import_confirm": "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "funds:statement_detail":   "L 4 4 4 4 4 4 4 4 4 4 2 2 4 2 4 4",
    "funds:match_again":        "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "funds:line_match":         "L 4 4 4 4 4 4 4 4 4 4 2 2 4 3 4 4",
    "funds:line_explain":       "L 4 4 4 4 4 4 4 4 4 4 2 2 4 3 4 4",
    "funds:entry_explain":      "L 4 4 4 4 4 4 4 4 4 4 2 2 4 3 4 4",
    "funds:match_undo":         "L 4 4 4 4 4 4 4 4 4 4 2 2 4 3 4 4",
    "funds:period_list":        "L 3 3 3 3 3 3 3 3 3 3 2 2 3 2 3 2",
    "funds:period_detail":      "L 4 4 4 4 4 4 4 4 4 4 2 2 4 2 4 4",
    "funds:period_close":       "L 4 4 4 4 4 4 4 4 4 4 3 2 4 3 4 4",
    "funds:reconciliation":     "L 4 4 4 4 4 4 4 4 4 4 2 2 4 2 4 4",
    "funds:books_overview":     "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_journal":      "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_journal_print":      "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_trial":        "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_trial_print":  "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_statement":    "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_statement_print":    "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_purposes":     "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_purpose":      "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_purpose_print":      "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_units":        "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_unit":         "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 4",
    "funds:books_unit_print":   "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 4",
    "funds:books_households":   "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 2",
    "funds:books_household":    "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 4",
    "funds:books_household_print":    "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 4",
    "funds:books_account":      "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 4",
    "funds:books_account_print":      "L 3 3 3 3 3 3 2 2 3 3 2 2 3 2 3 4",
    "audits:proof":             "L 3 3 3 3 3 3 2 2 3 2 3 2 2 2 3 2",
    "audits:proof_verify":      "L 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5",
    "audits:verification":      "L 3 3 3 3 3 3 2 2 3 2 3 2 2 2 3 2",
    "audits:freeze":            "L 3 3 3 3 3 3 2 2 2 2 2 2 2 2 3 4",
    "audits:freeze_lift":       "L 3 3 3 3 3 3 3 3 3 3 3 3 3 2 3 4",
    "audits:statistics":        "L 3 3 3 2 2 2 2 2 3 2 3 3 2 2 3 2",
}
# fmt: on


def _must_visits(world, person):
    """An event to be visited and one to be closed, a gift, its receipt, two referrals."""
    incident = must_visits.told(world, person)
    seen = must_visits.visited(world, must_visits.told(world, person, kind="DEATH"))
    opened = must_visits.gift_round(world)
    (gift,) = must_visits.planned(world, opened, [person])
    receipt = Receipt.objects.create(
        round=opened, unit=world.unit, gift=gift, file="receipts/none.png",
        media_type="image/png", sha256="2" * 64, size=1, uploaded_at=NOON,
        uploaded_by=world.officer,
    )  # fmt: skip
    referral = must_visits.passed_on(world, person)
    answered = must_visits.answered(world, must_visits.passed_on(world, person, kind="JOB"))
    post = Appointment.objects.get(user=world.informant)
    args = {
        "incident_close": seen, "gift_receipt": receipt, "gift_row": gift, "gift_skip": gift,
        "referral_close": answered,
    }  # fmt: skip
    args |= dict.fromkeys(("informant_detail", "informant_edit", "informant_train"), post)
    for name in ("detail", "visit", "skip", "apply", "gift"):
        args[f"incident_{name}"] = incident
    for name in ("detail", "edit", "add", "give", "sheet", "receipt_add"):
        args[f"gift_{name}"] = opened
    args |= {"referral_detail": referral, "referral_answer": referral}
    return {f"cases:{name}": [row.pk] for name, row in args.items()}


def a_statement(world):
    """The special account with one month: the grant, matched, and a line nobody knows."""
    account = bank.register(world.company, world.accountant, [world.fund], world.now)
    grant = Transfer.objects.get(kind="RECEIVE")
    days = (grant.value_on.replace(day=1), grant.value_on)
    rows = [bank.row(grant.value_on, grant.amount_fen), bank.row(grant.value_on, -500)]
    return bank.take(account, rows, by=world.cashier, at=world.now, days=days)


def _advances(world, urgent):
    """Three advances: decided, prepared, and one paid that is being paid back."""
    decided = world.decide_advance(urgent[0])
    prepared = world.decide_advance(urgent[1])
    funds.prepare_advance(advance=prepared, by=world.cashier, at=world.tick())
    back = world.advance(urgent[2])
    funds.note_recovery(advance=back, came_back_on=world.today, by=world.cashier, at=world.tick())
    args = {
        "detail": decided, "prepare": decided, "void": decided, "post": prepared,
        "file": prepared, "recovery": back, "recover": back,
    }  # fmt: skip
    return {f"funds:advance_{name}": [row.pk] for name, row in args.items()}


def _money_by_hand(world, asked, payment, line):
    """Of an exception, the sheet of a payment to a proxy, three recoveries of it; `line` is one
    that may still be asked for."""
    sheet = funds.keep_sheet(run=payment.run, by=world.cashier, at=world.tick(), **papers.paper(5))
    opened = recoveries.open_(world, payment.case, 1000_00)
    decided = recoveries.decided(world, payment.case, 900_00)
    part = recoveries.note(world, recoveries.decided(world, payment.case, 800_00), 100_00)
    args = {
        "hand_over_new": line, "id_copy": asked, "sheet_signed": payment.run,
        "receipt_sign": payment, "money_paper": sheet, "recovery_new": payment.case,
        "recovery_detail": opened, "recovery_decide": opened, "recovery_post": part,
        "recovery_strike": part,
    }  # fmt: skip
    for name in ("detail", "decide", "call_off"):
        args[f"hand_over_{name}"] = asked
    for name in ("tell", "part", "waive", "letter"):
        args[f"recovery_{name}"] = decided
    return {f"funds:{name}": [row.pk] for name, row in args.items()}


class Place:
    """The people of the matrix, and the arguments of each address."""

    def __init__(self):
        world = World()
        self.world = world
        asked = papers.ask(world, papers.approved_line(world), "PROXY_CASH")
        to_proxy = papers.paid(world, "PROXY_CASH")
        urgent = [world.case_in(Status.SUBMITTED) for _n in range(3)]
        paid = world.case_in(Status.PAID)
        case = world.case_in(Status.REVIEWED)
        held = world.case_in(Status.HELD)
        gone = exited(world, recovered(world, paid.dossier))
        visit = world.visit(case)
        (plan,) = cases.plan_visits(
            dossiers=[case.dossier], visitors=[world.officer, world.company_officer],
            planned_on=world.today, by=world.company_officer, at=world.tick(),
        )  # fmt: skip
        document = Document.objects.create(
            dossier=case.dossier, case=case, kind="INCOME", file="proofs/none.png",
            media_type="image/png", sha256="0" * 64, size=1, uploaded_at=NOON,
            uploaded_by=world.officer,
        )  # fmt: skip
        building = world.batch([], Programme.EMERGENCY)
        holiday = Holiday.objects.create(on=NOON.date(), kind=HolidayKind.OFF, name="示例")
        roster = RosterImport.objects.create(
            company=world.company, file_name="x.xlsx", sha256="1" * 64, status="CHECKED",
            uploaded_at=NOON, uploaded_by=world.admin,
        )  # fmt: skip
        register = RegisterImport.objects.create(
            company=world.company, file_name="x.xlsx", sha256="2" * 64, status="CHECKED",
            uploaded_at=NOON, uploaded_by=world.company_officer,
        )  # fmt: skip
        export = Export.objects.create(
            company=world.company, kind="REGISTER", language="en", asked_at=NOON,
            asked_by=world.company_officer,
        )  # fmt: skip
        opened = cases.open_round(
            company=world.company, title="2026年中秋", year=2026, festival="AUTUMN",
            by=world.company_officer, at=world.tick(),
        )  # fmt: skip
        seen = audits.ask_verification(by=world.auditor, at=world.tick())
        decided = Batch.objects.get(lines__case=paid)
        notice = held.notice_lines.get().notice
        objection = Objection.objects.get()
        member = case.dossier.members.order_by("pk")[1]
        expense = case.dossier.expenses.get()
        supporter = Supporter.objects.create(dossier=case.dossier, relation="SON", name="赵强")
        line = decided.lines.get()
        run = PaymentRun.objects.get(batch=decided)
        bank_files.send(world, bank_files.make(world, run))
        bank_format = funds.save_bank_format(
            company=world.company, name="示例", layout=bank_files.layout(), by=world.accountant,
            at=world.tick(),
        )  # fmt: skip
        answered = BankResult.objects.create(
            company=world.company, run=run, file_name="x.csv", sha256="3" * 64, status="CHECKED",
            uploaded_at=NOON, uploaded_by=world.accountant,
        )  # fmt: skip
        kept = a_statement(world)
        draft = world.draft((Programme.EMERGENCY, 1000_00))
        Account.objects.create(fund=world.fund, kind="BUDGET", year=2025, programme="REGULAR")
        revisions = case.dossier.revisions.get()
        campaign = tasks.start_campaign(
            company=world.company, title="复核", starts_on=world.today,
            ends_on=world.today + DAY, by=world.company_officer, at=world.tick(),
        )  # fmt: skip
        change = cases.report_change(
            dossier=case.dossier, kind="WORK", happened_on=world.today, words="失业",
            by=world.officer, at=world.tick(),
        )  # fmt: skip
        self.args = {
            "cases:change_detail": [change.pk],
            "cases:change_take": [change.pk],
            "cases:change_dismiss": [change.pk],
            "cases:campaign_detail": [campaign.pk],
            "cases:campaign_unchanged": [campaign.pk],
            "cases:recheck_record": [campaign.rechecks.get(dossier=case.dossier).pk],
            "cases:follow_up": [gone.follow_ups.first().pk],
            "people:person_detail": [case.applicant_id],
            "people:person_reveal": [case.applicant_id],
            "people:person_payee": [case.applicant_id],
            "people:unit_rename": [world.unit.pk],
            "people:user_password": [world.officer.pk],
            "people:user_close": [world.officer.pk],
            "people:user_reopen": [world.officer.pk],
            "people:appointment_end": [Appointment.objects.get(user=world.officer).pk],
            "people:holiday_remove": [holiday.pk],
            "people:import_detail": [roster.pk],
            "people:import_confirm": [roster.pk],
            "cases:register_detail": [register.pk],
            "cases:register_confirm": [register.pk],
            "cases:register_report": [register.pk],
            "cases:export_detail": [export.pk],
            "cases:export_download": [export.pk],
            "cases:export_resume": [export.pk],
            "cases:notice_detail": [notice.code],
            "cases:notice_print": [notice.code],
            "cases:notice_object": [notice.code],
            "cases:objection_receipt": [notice.code, objection.code],
            "cases:member_edit": [member.pk],
            "cases:member_remove": [member.pk],
            "cases:dossier_describe": [case.dossier_id, "causes"],
            "cases:supporter_edit": [supporter.pk],
            "cases:supporter_remove": [supporter.pk],
            "cases:document_remove": [document.pk],
            "cases:expense_edit": [expense.pk],
            "cases:expense_remove": [expense.pk],
            "cases:document": [document.pk],
            "cases:revision_diff": [case.dossier_id, revisions.number, revisions.number],
            "cases:visit_detail": [visit.pk],
            "cases:visit_sheet": [visit.pk],
            "cases:visit_photos": [visit.pk],
            "cases:take_over": [visit.pk],
            "cases:plan_cancel": [plan.pk],
            "cases:round_detail": [opened.pk],
            "cases:round_resume": [opened.pk],
            "cases:round_left_out": [opened.pk],
            "funds:batch_detail": [decided.pk],
            "funds:add_lines": [building.pk],
            "funds:explain_order": [building.pk],
            "funds:unreached": [decided.pk],
            "funds:remove_line": [decided.pk, line.pk],
            "funds:lock": [building.pk],
            "funds:recall": [decided.pk],
            "funds:decide": [decided.pk],
            "funds:batch_form": [decided.pk],
            "funds:publish": [decided.pk],
            "funds:prepare": [decided.pk],
            "funds:ledger": [world.fund.pk],
            "funds:receive": [world.fund.pk],
            "funds:decision_detail": [draft.pk],
            "funds:decision_decide": [draft.pk],
            "funds:decision_drop": [draft.pk],
            "funds:decision_new": [world.fund.pk],
            "funds:carry_new": [world.fund.pk, 2025],
            "funds:reverse": [Transfer.objects.get(kind="RECEIVE").pk],
            "funds:bounce": [run.payments.get().pk],
            "funds:payee_check": [run.payments.get().pk],
            "funds:attempts": [line.pk],
            "funds:bank_format_edit": [bank_format.pk],
            "funds:bank_result_detail": [answered.pk],
            "funds:bank_result_confirm": [answered.pk],
            "funds:confirm_payee": [paid.applicant_id],
            "funds:bank_account_edit": [kept.bank_account_id],
            "funds:statement_import_detail": [kept.imports.get().pk],
            "funds:statement_import_confirm": [kept.imports.get().pk],
            "funds:statement_detail": [kept.pk],
            "funds:match_again": [kept.pk],
            "funds:line_match": [kept.lines.get(seq=2).pk],
            "funds:line_explain": [kept.lines.get(seq=2).pk],
            "funds:entry_explain": [Transfer.objects.get(kind="RECEIVE").pk],
            "funds:match_undo": [Match.objects.get().pk],
            "funds:period_detail": [Period.objects.first().pk],
            "funds:period_close": [Period.objects.first().pk],
            "funds:reconciliation": [Period.objects.first().pk],
            "funds:books_purpose": ["EMERGENCY"],
            "funds:books_purpose_print": ["EMERGENCY"],
            "funds:books_unit": [world.unit.pk],
            "funds:books_unit_print": [world.unit.pk],
            "funds:books_household": [paid.dossier_id],
            "funds:books_household_print": [paid.dossier_id],
            "funds:books_account": [world.fund.accounts.first().pk],
            "funds:books_account_print": [world.fund.accounts.first().pk],
            "audits:verification": [seen.pk],
        }
        for name in ("policy_detail", "policy_enact"):
            self.args[f"cases:{name}"] = [world.policy.pk]
        draft = cases.start_draft(
            company=world.company, title="草案", by=world.company_officer, at=world.tick()
        )
        tried = cases.ask_simulation(policy=draft, by=world.company_officer, at=world.tick())
        cases.take_simulation(simulation=tried, at=world.tick())
        for name in ("policy_give_up", "policy_simulate"):
            self.args[f"cases:{name}"] = [draft.pk]
        self.args["cases:clause_edit"] = [draft.pk, "notice.working_days"]
        self.args["cases:policy_diff"] = [world.policy.pk, draft.pk]
        for name in ("cases:simulation_detail", "cases:simulation_resume"):
            self.args[name] = [tried.pk]
        self.args["funds:simulation_budget"] = [tried.pk]
        for name in ("objection_detail", "hold", "release", "reopen"):
            self.args[f"cases:{name}"] = [objection.pk]
        for name in ("payment_detail", "post", "give_up", "payment_sheet", "bank_file",
                     "bank_file_make", "bank_file_send", "bank_result"):  # fmt: skip
            self.args[f"funds:{name}"] = [run.pk]
        self.args["funds:strike"] = [decided.pk, line.pk]
        self.args["funds:put_off"] = [decided.meeting_id, decided.pk]
        for name in ("meeting_detail", "agenda", "attend", "record", "confirm", "minutes", "show"):
            self.args[f"funds:{name}"] = [decided.meeting_id]
        self.args["funds:ratify"] = [decided.meeting_id]
        self.args |= _money_by_hand(
            world, asked, payment=to_proxy, line=held.batch_lines.get(current=True)
        )
        self.args |= _advances(world, urgent)
        self.args |= _must_visits(world, case.applicant)
        frozen = Freeze.objects.create(company=world.company, since=world.now, problems_count=1)
        for name in ("freeze", "freeze_lift"):
            self.args[f"audits:{name}"] = [frozen.pk]
        self.case = case
        elsewhere = UnitFactory(company=True)
        self.people = {
            "applicant": world.applicant(case), "colleague": world.employee(),
            "informant": world.informant, "officer": world.officer, "chair": world.chair,
            "other_officer": appoint(Role.UNIT_OFFICER, world.other_unit),
            "company_officer": world.company_officer, "company_chair": world.company_chair,
            "secretary": world.secretary, "leader": world.leaders[1], "cashier": world.cashier,
            "accountant": world.accountant, "discipline": world.discipline,
            "auditor": world.auditor, "admin": world.admin, "elsewhere": UserFactory(),
        }  # fmt: skip
        for role in COMPANY_ROLES:
            AppointmentFactory(user=self.people["elsewhere"], role=role, unit=elsewhere)

    def clients(self, make):
        """{who: client}, each signed in once for all addresses."""
        clients = {who: make() for who in WHO}
        for who, user in self.people.items():
            clients[who].force_login(user)
        return clients

    def address(self, name):
        if name in self.args:
            return reverse(name, args=self.args[name])
        pattern = next(str(p.pattern) for n, p in our_urls() if n == name)
        if "<int:pk>" not in pattern:
            return reverse(name)
        of_dossier = pattern.startswith("dossiers/")
        return reverse(name, args=[self.case.dossier_id if of_dossier else self.case.pk])


@pytest.fixture(scope="module")
def place(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        place = Place()
        with time_machine.travel(place.world.now):
            yield place
        transaction.set_rollback(True)


def sign(response):
    """One letter for what came back."""
    status = response.status_code
    if status == 302 and "/accounts/login/" in response["Location"]:
        return "L"
    return {200: "2", 302: ">", 403: "3", 404: "4", 405: "5", 410: "4"}.get(status, str(status))


@pytest.fixture(scope="module")
def clients(place):
    return place.clients(lambda: StrictClient(may_write=True))


class Links:
    """What the pages lead to; of each kind of address the first two a person is shown are tried."""

    def __init__(self):
        self.tried = {}

    def fresh(self, who, text):
        for link in HREF.findall(text):
            path = html.unescape(link).partition("?")[0]
            name = resolve(path).view_name
            tried = self.tried.setdefault((who, name), [])
            if path not in tried and len(tried) < 2 and name not in NO_PAGES:
                tried.append(path)
                yield path


@pytest.fixture(scope="module")
def links():
    return Links()


def is_page(response):
    return response.get("Content-Type", "").startswith("text/html")


@pytest.mark.django_db
@pytest.mark.parametrize("name", MATRIX)
def test_who_may_open_what(place, clients, links, name):
    address = place.address(name)
    responses = {who: clients[who].get(address) for who in WHO}

    assert " ".join(sign(response) for response in responses.values()) == MATRIX[name]
    dead = [
        (who, link)
        for who, response in responses.items()
        if response.status_code == 200 and is_page(response)
        for link in links.fresh(who, response.text)
        if sign(clients[who].get(link)) in REFUSED
    ]
    assert dead == []


def test_every_address_is_in_the_matrix():
    assert {name for name, _pattern in our_urls()} == set(MATRIX)
