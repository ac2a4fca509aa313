"""Addresses of this room."""

from django.urls import path

from cases.views import (
    apply,
    case,
    document,
    dossier,
    household,
    objection,
    policy,
    policy_draft,
    public,
    self_test,
    simulation,
    visit,
)
from cases.views import round as rounds

app_name = "cases"
urlpatterns = [
    # For everybody on the intranet
    path("notices/", public.notice_list, name="notice_list"),
    path("notices/<slug:code>/", public.notice_detail, name="notice_detail"),
    path("notices/<slug:code>/print/", public.notice_print, name="notice_print"),
    path("notices/<slug:code>/object/", public.notice_object, name="notice_object"),
    path(
        "notices/<slug:code>/object/<slug:receipt>/",
        public.objection_receipt,
        name="objection_receipt",
    ),
    path("progress/", public.progress, name="progress"),
    # For applicants, and whoever applies for them
    path("apply/", apply.apply, name="apply"),
    path("apply/new/", apply.apply_new, name="apply_new"),
    path("apply/other/", apply.apply_other, name="apply_other"),
    path("apply/self-test/", self_test.self_test, name="self_test"),
    path("apply/<int:pk>/", apply.apply_case, name="apply_case"),
    path("apply/<int:pk>/event/", apply.apply_event, name="apply_event"),
    path("apply/<int:pk>/payee/", apply.apply_payee, name="apply_payee"),
    path("apply/<int:pk>/declare/", apply.apply_declare, name="apply_declare"),
    path("apply/<int:pk>/check/", apply.apply_check, name="apply_check"),
    path("apply/<int:pk>/done/", apply.apply_done, name="apply_done"),
    path("my/", apply.my, name="my"),
    # What a household declares
    path("dossiers/<int:pk>/describe/", household.dossier_describe, name="dossier_describe"),
    path("dossiers/<int:pk>/members/add/", household.member_add, name="member_add"),
    path("members/<int:pk>/", household.member_edit, name="member_edit"),
    path("members/<int:pk>/remove/", household.member_remove, name="member_remove"),
    path("dossiers/<int:pk>/expenses/add/", household.expense_add, name="expense_add"),
    path("expenses/<int:pk>/", household.expense_edit, name="expense_edit"),
    path("expenses/<int:pk>/remove/", household.expense_remove, name="expense_remove"),
    path("dossiers/<int:pk>/gates/", household.dossier_gates, name="dossier_gates"),
    path("dossiers/<int:pk>/documents/add/", document.document_add, name="document_add"),
    path("documents/<int:pk>/", document.document, name="document"),
    # Dossiers
    path("dossiers/", dossier.dossier_list, name="dossier_list"),
    path("dossiers/new/", dossier.dossier_new, name="dossier_new"),
    path("dossiers/<int:pk>/", dossier.dossier_detail, name="dossier_detail"),
    path("dossiers/<int:pk>/reveal/", dossier.dossier_reveal, name="dossier_reveal"),
    path("dossiers/<int:pk>/card/", dossier.dossier_card, name="dossier_card"),
    path("dossiers/<int:pk>/mark/", dossier.dossier_mark, name="dossier_mark"),
    path("dossiers/<int:pk>/recheck/", dossier.dossier_recheck, name="dossier_recheck"),
    path(
        "dossiers/<int:pk>/revisions/<int:a>/<int:b>/", dossier.revision_diff, name="revision_diff"
    ),
    # Visits
    path("dossiers/<int:pk>/visits/new/", visit.visit_new, name="visit_new"),
    path("visits/", visit.visit_list, name="visit_list"),
    path("visits/<int:pk>/", visit.visit_detail, name="visit_detail"),
    path("visits/<int:pk>/sheet/", visit.visit_sheet, name="visit_sheet"),
    path("visits/<int:pk>/photos/", visit.visit_photos, name="visit_photos"),
    # Policies
    path("policies/", policy.policy_list, name="policy_list"),
    path("policies/lines/new/", policy.policy_line, name="policy_line"),
    path("policies/<int:pk>/", policy.policy_detail, name="policy_detail"),
    path("policies/<int:pk>/enact/", policy.policy_enact, name="policy_enact"),
    path("policies/new/", policy_draft.policy_new, name="policy_new"),
    path("policies/<int:pk>/clauses/<str:key>/", policy_draft.clause_edit, name="clause_edit"),
    path("policies/<int:pk>/give-up/", policy_draft.policy_give_up, name="policy_give_up"),
    path("policies/<int:a>/diff/<int:b>/", policy_draft.policy_diff, name="policy_diff"),
    path("policies/<int:pk>/simulate/", simulation.policy_simulate, name="policy_simulate"),
    path("simulations/<int:pk>/", simulation.simulation_detail, name="simulation_detail"),
    path("simulations/<int:pk>/resume/", simulation.simulation_resume, name="simulation_resume"),
    # Rounds
    path("rounds/", rounds.round_list, name="round_list"),
    path("rounds/new/", rounds.round_new, name="round_new"),
    path("rounds/<int:pk>/", rounds.round_detail, name="round_detail"),
    # Cases
    path("cases/", case.case_list, name="case_list"),
    path("cases/<int:pk>/", case.case_detail, name="case_detail"),
    path("cases/<int:pk>/why/", case.case_why, name="case_why"),
    path("cases/<int:pk>/form/", case.case_form, name="case_form"),
    path("cases/<int:pk>/approval/", case.case_approval, name="case_approval"),
    path("cases/<int:pk>/submit/", case.submit, name="submit"),
    path("cases/<int:pk>/withdraw/", case.withdraw, name="withdraw"),
    path("cases/<int:pk>/give-back/", case.give_back, name="give_back"),
    path("cases/<int:pk>/review/", case.review, name="review"),
    path("cases/<int:pk>/decline/", case.decline, name="decline"),
    path("cases/<int:pk>/check-event/", case.check_event, name="check_event"),
    path("cases/<int:pk>/assess/", case.assess, name="assess"),
    path("cases/<int:pk>/verify/", case.verify, name="verify"),
    # Objections
    path("objections/", objection.objection_list, name="objection_list"),
    path("objections/<int:pk>/", objection.objection_detail, name="objection_detail"),
    path("objections/<int:pk>/hold/", objection.hold, name="hold"),
    path("objections/<int:pk>/release/", objection.release, name="release"),
    path("objections/<int:pk>/reopen/", objection.reopen, name="reopen"),
]
