"""Addresses of this room."""

from django.urls import path

from funds.views import advance, batch, fund, meeting, payment, period, simulation, statement

app_name = "funds"
urlpatterns = [
    # Lists and the leaders' page
    path("batches/", batch.batch_list, name="batch_list"),
    path("batches/new/", batch.batch_new, name="batch_new"),
    path("batches/<int:pk>/", batch.batch_detail, name="batch_detail"),
    path("batches/<int:pk>/add/", batch.add_lines, name="add_lines"),
    path("batches/<int:pk>/lines/<int:line>/remove/", batch.remove_line, name="remove_line"),
    path("batches/<int:pk>/lock/", batch.lock, name="lock"),
    path("batches/<int:pk>/recall/", batch.recall, name="recall"),
    path("batches/<int:pk>/decide/", batch.decide, name="decide"),
    path("batches/<int:pk>/form/", batch.batch_form, name="batch_form"),
    path("batches/<int:pk>/publish/", batch.publish, name="publish"),
    # Meetings
    path("meetings/", meeting.meeting_list, name="meeting_list"),
    path("meetings/new/", meeting.meeting_new, name="meeting_new"),
    path("meetings/<int:pk>/", meeting.meeting_detail, name="meeting_detail"),
    path("meetings/<int:pk>/agenda/", meeting.agenda, name="agenda"),
    path("meetings/<int:pk>/attend/", meeting.attend, name="attend"),
    path("meetings/<int:pk>/record/", meeting.record, name="record"),
    path("meetings/<int:pk>/confirm/", meeting.confirm, name="confirm"),
    path("meetings/<int:pk>/minutes/", meeting.minutes, name="minutes"),
    path("meetings/<int:pk>/advances/", advance.ratify, name="ratify"),
    # Urgent advances
    path("advances/", advance.advance_list, name="advance_list"),
    path("advances/new/<int:pk>/", advance.advance_new, name="advance_new"),
    path("advances/<int:pk>/", advance.advance_detail, name="advance_detail"),
    path("advances/<int:pk>/prepare/", advance.advance_prepare, name="advance_prepare"),
    path("advances/<int:pk>/post/", advance.advance_post, name="advance_post"),
    path("advances/<int:pk>/void/", advance.advance_void, name="advance_void"),
    path("advances/<int:pk>/recovery/", advance.advance_recovery, name="advance_recovery"),
    path("advances/<int:pk>/recover/", advance.advance_recover, name="advance_recover"),
    path("advances/<int:pk>/file/", advance.advance_file, name="advance_file"),
    # Funds and payments
    path("funds/", fund.fund_list, name="fund_list"),
    path("funds/new/", fund.fund_new, name="fund_new"),
    path("funds/<int:pk>/ledger/", fund.ledger, name="ledger"),
    path("funds/<int:pk>/receive/", fund.receive, name="receive"),
    path("funds/<int:pk>/allocate/", fund.allocate, name="allocate"),
    path("funds/<int:pk>/take-back/", fund.take_back, name="take_back"),
    path("transfers/<int:pk>/reverse/", fund.reverse, name="reverse"),
    path("simulations/<int:pk>/budget/", simulation.simulation_budget, name="simulation_budget"),
    path("payments/", payment.payment_list, name="payment_list"),
    path("payments/<int:pk>/", payment.payment_detail, name="payment_detail"),
    path("payments/<int:pk>/post/", payment.post, name="post"),
    path("payments/<int:pk>/give-up/", payment.give_up, name="give_up"),
    path("payments/<int:pk>/file/", payment.bank_file, name="bank_file"),
    path("payments/<int:pk>/sheet/", payment.payment_sheet, name="payment_sheet"),
    path("payments/lines/<int:pk>/bounce/", payment.bounce, name="bounce"),
    path("batches/<int:pk>/prepare/", payment.prepare, name="prepare"),
    path("payees/<int:person>/confirm/", payment.confirm_payee, name="confirm_payee"),
    # The bank: statements, matches, months
    path("bank-accounts/new/", statement.bank_account_new, name="bank_account_new"),
    path("bank-accounts/<int:pk>/", statement.bank_account_edit, name="bank_account_edit"),
    path("statements/", statement.statement_list, name="statement_list"),
    path("statements/import/", statement.statement_import, name="statement_import"),
    path("statements/template/", statement.statement_template, name="statement_template"),
    path(
        "statements/imports/<int:pk>/",
        statement.statement_import_detail,
        name="statement_import_detail",
    ),
    path(
        "statements/imports/<int:pk>/confirm/",
        statement.statement_import_confirm,
        name="statement_import_confirm",
    ),
    path("statements/<int:pk>/", statement.statement_detail, name="statement_detail"),
    path("statements/<int:pk>/match/", statement.match_again, name="match_again"),
    path("statements/lines/<int:pk>/match/", statement.line_match, name="line_match"),
    path("statements/lines/<int:pk>/explain/", statement.line_explain, name="line_explain"),
    path("transfers/<int:pk>/explain/", statement.entry_explain, name="entry_explain"),
    path("matches/<int:pk>/undo/", statement.match_undo, name="match_undo"),
    path("periods/", period.period_list, name="period_list"),
    path("periods/<int:pk>/", period.period_detail, name="period_detail"),
    path("periods/<int:pk>/close/", period.period_close, name="period_close"),
    path("periods/<int:pk>/reconciliation/", period.reconciliation, name="reconciliation"),
]
