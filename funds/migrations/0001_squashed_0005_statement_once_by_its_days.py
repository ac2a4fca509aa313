import base.crypto
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("funds", "0001_initial"),
        ("funds", "0002_more_programmes"),
        ("funds", "0003_bank_statements"),
        ("funds", "0004_fill_bank_accounts"),
        ("funds", "0005_statement_once_by_its_days"),
    ]

    initial = True

    dependencies = [
        ("cases", "0001_initial"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BankAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="account name")),
                (
                    "bank",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="bank"),
                ),
                (
                    "account",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="account number"
                    ),
                ),
                ("account_index", models.CharField(blank=True, default="", max_length=64)),
                (
                    "layout",
                    models.CharField(
                        choices=[
                            ("GENERAL", "usual headings"),
                            ("ICBC", "Industrial and Commercial Bank"),
                            ("CCB", "Construction Bank"),
                            ("ABC", "Agricultural Bank"),
                            ("BOC", "Bank of China"),
                        ],
                        default="GENERAL",
                        max_length=20,
                        verbose_name="layout of the statement",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bank_accounts",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("layout__in", ["GENERAL", "ICBC", "CCB", "ABC", "BOC"])
                        ),
                        name="bank_account_layout_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("account_index", ""), _negated=True),
                        fields=("company", "account_index"),
                        name="bank_account_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30, verbose_name="meeting number")),
                ("held_on", models.DateField(verbose_name="date")),
                (
                    "place",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="place"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("OPEN", "Open"),
                            ("RECORDED", "Recorded"),
                            ("CONFIRMED", "Confirmed"),
                        ],
                        default="OPEN",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "members_count",
                    models.PositiveSmallIntegerField(verbose_name="members of the leadership"),
                ),
                ("quorum", models.PositiveSmallIntegerField(verbose_name="quorum")),
                ("opened_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "chair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="chair of the meeting",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="people.unit",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "secretary",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="secretary",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "-held_on", "-id"], name="meeting_newest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["OPEN", "RECORDED", "CONFIRMED"])),
                        name="meeting_status_known",
                    ),
                    models.UniqueConstraint(
                        fields=("company", "number"), name="meeting_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("recorded_at__isnull", False), ("recorded_by__isnull", False)
                            ),
                            models.Q(("recorded_at__isnull", True), ("recorded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="meeting_record_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status", "CONFIRMED"),
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                            ),
                            models.Q(
                                models.Q(("status", "CONFIRMED"), _negated=True),
                                ("confirmed_at__isnull", True),
                                ("confirmed_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="meeting_confirmed_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "OPEN"), ("recorded_at__isnull", False), _connector="OR"
                        ),
                        name="meeting_recorded_has_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            ("confirmed_by", models.F("chair")),
                            _connector="OR",
                        ),
                        name="meeting_confirmed_by_chair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("chair", models.F("secretary")), _negated=True),
                        name="meeting_chair_is_not_secretary",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("members_count__gte", models.F("quorum")), ("quorum__gte", 1)
                        ),
                        name="meeting_quorum_in_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayeeConfirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account_index", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "account_index"), name="payee_confirmation_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Fund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=10, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("programmes", models.JSONField(default=list, verbose_name="allowed programmes")),
                ("standings", models.JSONField(default=list, verbose_name="allowed standings")),
                (
                    "ceiling_fen",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="ceiling of one grant"
                    ),
                ),
                (
                    "bank_account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="funds",
                        to="funds.bankaccount",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="funds",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company", "code"), name="fund_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ceiling_fen", None), ("ceiling_fen__gt", 0), _connector="OR"
                        ),
                        name="fund_ceiling_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Match",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("RUN", "the bank names the payment, and the total is the same"),
                            ("TOTAL", "the only payment with this total about this day"),
                            ("PAYEE", "amount, account of the payee and day"),
                            ("NAME", "amount, name of the payee and day"),
                            ("RETURN", "return of this payment: amount, payee and day"),
                            ("INTEREST", "interest: amount and day"),
                            ("RECEIPT", "receipt: amount and day"),
                            ("REVERSED", "an entry and its reversal cancel each other"),
                            ("CORRECTED", "the bank corrected its own entry"),
                            ("HAND", "matched by hand"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("amount_fen", models.BigIntegerField(verbose_name="amount")),
                ("upto", models.DateField()),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("end_words", base.crypto.EncryptedTextField(blank=True, default="")),
                (
                    "bank_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matches",
                        to="funds.bankaccount",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "rule__in",
                                [
                                    "RUN",
                                    "TOTAL",
                                    "PAYEE",
                                    "NAME",
                                    "RETURN",
                                    "INTEREST",
                                    "RECEIPT",
                                    "REVERSED",
                                    "CORRECTED",
                                    "HAND",
                                ],
                            )
                        ),
                        name="match_rule_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="match_end_complete",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("present", models.BooleanField(verbose_name="present")),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="funds.meeting",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "user"), name="attendance_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Period",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("month", models.PositiveSmallIntegerField(verbose_name="month")),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                (
                    "status",
                    models.CharField(
                        choices=[("OPEN", "Open"), ("CLOSED", "Closed")],
                        default="OPEN",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                (
                    "book_fen",
                    models.BigIntegerField(null=True, verbose_name="balance in the books"),
                ),
                ("bank_fen", models.BigIntegerField(null=True, verbose_name="balance at the bank")),
                ("bank_in_fen", models.BigIntegerField(null=True)),
                ("bank_out_fen", models.BigIntegerField(null=True)),
                ("book_in_fen", models.BigIntegerField(null=True)),
                ("book_out_fen", models.BigIntegerField(null=True)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "bank_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="periods",
                        to="funds.bankaccount",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["OPEN", "CLOSED"])),
                        name="period_status_known",
                    ),
                    models.UniqueConstraint(
                        fields=("bank_account", "year", "month"), name="period_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__gte", 1), ("month__lte", 12)),
                        name="period_month_in_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                        name="period_days_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status", "CLOSED"),
                                ("bank_fen__isnull", False),
                                ("bank_in_fen__isnull", False),
                                ("bank_out_fen__isnull", False),
                                ("book_fen__isnull", False),
                                ("book_in_fen__isnull", False),
                                ("book_out_fen__isnull", False),
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                            ),
                            models.Q(
                                models.Q(("status", "CLOSED"), _negated=True),
                                ("bank_fen__isnull", True),
                                ("bank_in_fen__isnull", True),
                                ("bank_out_fen__isnull", True),
                                ("book_fen__isnull", True),
                                ("book_in_fen__isnull", True),
                                ("book_out_fen__isnull", True),
                                ("closed_at__isnull", True),
                                ("closed_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="period_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "CLOSED"), models.Q(("digest", ""), _negated=True)),
                            models.Q(("digest", ""), ("status", "OPEN")),
                            _connector="OR",
                        ),
                        name="period_digest_iff_closed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("book_fen", None),
                            (
                                "bank_fen",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("book_fen"), "+", models.F("bank_in_fen")
                                            ),
                                            "-",
                                            models.F("bank_out_fen"),
                                        ),
                                        "-",
                                        models.F("book_in_fen"),
                                    ),
                                    "+",
                                    models.F("book_out_fen"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="period_adjusted_balances_agree",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateField(verbose_name="first day")),
                ("until", models.DateField(verbose_name="last day")),
                ("opening_fen", models.BigIntegerField(verbose_name="opening balance")),
                ("closing_fen", models.BigIntegerField(verbose_name="closing balance")),
                ("lines_count", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "bank_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="funds.bankaccount",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "-until", "-id"], name="statement_newest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gte", models.F("since"))),
                        name="statement_days_in_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SOURCE", "Received"),
                            ("POOL", "Not yet allocated"),
                            ("BUDGET", "Budget"),
                            ("SPENT", "Spent"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(null=True, verbose_name="year")),
                (
                    "programme",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("RECOGNITION", "Recognition"),
                            ("REGULAR", "Regular subsidy"),
                            ("EMERGENCY", "Emergency grant"),
                            ("MEDICAL", "Medical aid"),
                            ("TUITION", "Autumn tuition aid"),
                            ("VISIT_GIFT", "Visit gift"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="programme",
                    ),
                ),
                ("balance_fen", models.BigIntegerField(default=0, verbose_name="balance")),
                ("held_fen", models.BigIntegerField(default=0, verbose_name="reserved")),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="funds.fund",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["SOURCE", "POOL", "BUDGET", "SPENT"])),
                        name="account_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "programme__in",
                                [
                                    "RECOGNITION",
                                    "REGULAR",
                                    "EMERGENCY",
                                    "MEDICAL",
                                    "TUITION",
                                    "VISIT_GIFT",
                                    "",
                                ],
                            )
                        ),
                        name="account_programme_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "BUDGET"),
                                ("year__isnull", False),
                                models.Q(("programme", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("kind", "BUDGET"), _negated=True),
                                ("programme", ""),
                                ("year", None),
                            ),
                            _connector="OR",
                        ),
                        name="account_budget_has_year_and_programme",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "BUDGET"), _negated=True),
                        fields=("fund", "kind"),
                        name="account_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "BUDGET")),
                        fields=("fund", "year", "programme"),
                        name="account_budget_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("held_fen", 0), ("kind__in", ["SOURCE", "SPENT"])),
                            models.Q(
                                ("balance_fen__gte", models.F("held_fen")),
                                ("held_fen__gte", 0),
                                ("kind__in", ["POOL", "BUDGET"]),
                            ),
                            _connector="OR",
                        ),
                        name="account_never_overdrawn",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PeriodBalance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opening_fen", models.BigIntegerField(verbose_name="opening balance")),
                ("in_fen", models.BigIntegerField(verbose_name="came in")),
                ("out_fen", models.BigIntegerField(verbose_name="went out")),
                ("closing_fen", models.BigIntegerField(verbose_name="closing balance")),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funds.fund",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balances",
                        to="funds.period",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("period", "fund"), name="period_balance_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "closing_fen",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("opening_fen"), "+", models.F("in_fen")
                                    ),
                                    "-",
                                    models.F("out_fen"),
                                ),
                            )
                        ),
                        name="period_balance_adds_up",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(blank=True, upload_to="imports/")),
                ("file_name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("problems", models.JSONField(default=list)),
                ("problem_count", models.PositiveIntegerField(default=0)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("added", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("uploaded_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("CHECKED", "checked, not yet imported"),
                            ("REFUSED", "has mistakes"),
                            ("RUNNING", "being imported"),
                            ("DONE", "imported"),
                        ],
                        max_length=20,
                    ),
                ),
                ("since", models.DateField(verbose_name="first day")),
                ("until", models.DateField(verbose_name="last day")),
                ("opening_fen", models.BigIntegerField(verbose_name="opening balance")),
                ("closing_fen", models.BigIntegerField(verbose_name="closing balance")),
                (
                    "bank_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funds.bankaccount",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="funds.statement",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "-uploaded_at", "-id"], name="statement_import_newest"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["CHECKED", "REFUSED", "RUNNING", "DONE"])
                        ),
                        name="statement_import_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "DONE"), ("finished_at__isnull", False)),
                            models.Q(
                                models.Q(("status", "DONE"), _negated=True),
                                ("finished_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="statement_import_done_has_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_at__isnull", False), ("confirmed_by__isnull", False)
                            ),
                            models.Q(
                                ("confirmed_at__isnull", True), ("confirmed_by__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="statement_import_confirmation_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["RUNNING", "DONE"]), _negated=True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="statement_import_runs_when_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("rows"))),
                        name="statement_import_done_within_rows",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "RUNNING")),
                        fields=("company",),
                        name="statement_import_one_running",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "DONE"), _negated=True),
                            ("statement__isnull", False),
                            _connector="OR",
                        ),
                        name="statement_import_done_has_statement",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField(verbose_name="no.")),
                ("booked_on", models.DateField(verbose_name="date")),
                ("amount_fen", models.BigIntegerField(verbose_name="amount")),
                ("balance_fen", models.BigIntegerField(verbose_name="balance after")),
                (
                    "reference",
                    models.CharField(
                        blank=True, default="", max_length=60, verbose_name="bank reference"
                    ),
                ),
                (
                    "bank_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funds.bankaccount",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="funds.statement",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["bank_account", "booked_on", "id"], name="statement_line_by_day"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("statement", "seq"), name="statement_line_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen", 0), _negated=True),
                        name="statement_line_moves_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30, verbose_name="batch number")),
                ("title", models.CharField(max_length=100, verbose_name="title")),
                (
                    "programme",
                    models.CharField(
                        choices=[
                            ("RECOGNITION", "Recognition"),
                            ("REGULAR", "Regular subsidy"),
                            ("EMERGENCY", "Emergency grant"),
                            ("MEDICAL", "Medical aid"),
                            ("TUITION", "Autumn tuition aid"),
                            ("VISIT_GIFT", "Visit gift"),
                        ],
                        max_length=20,
                        verbose_name="programme",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("BUILDING", "Being drawn up"),
                            ("LOCKED", "Before the meeting"),
                            ("DECIDED", "Decided"),
                            ("VOID", "Void"),
                        ],
                        default="BUILDING",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1, verbose_name="version")),
                ("built_at", models.DateTimeField()),
                ("lines_count", models.PositiveIntegerField(default=0)),
                ("total_fen", models.BigIntegerField(default=0, verbose_name="total")),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
                ("locked_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "budget",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="funds.account",
                        verbose_name="budget",
                    ),
                ),
                (
                    "built_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="people.unit",
                    ),
                ),
                (
                    "locked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="cases.round",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="funds.meeting",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "-built_at", "-id"], name="batch_newest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["BUILDING", "LOCKED", "DECIDED", "VOID"])
                        ),
                        name="batch_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "programme__in",
                                [
                                    "RECOGNITION",
                                    "REGULAR",
                                    "EMERGENCY",
                                    "MEDICAL",
                                    "TUITION",
                                    "VISIT_GIFT",
                                ],
                            )
                        ),
                        name="batch_programme_known",
                    ),
                    models.UniqueConstraint(fields=("company", "number"), name="batch_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("budget", None), ("programme", "RECOGNITION")),
                            models.Q(
                                models.Q(("programme", "RECOGNITION"), _negated=True),
                                ("budget__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="batch_budget_iff_money",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("locked_at__isnull", False), ("locked_by__isnull", False)),
                            models.Q(("locked_at__isnull", True), ("locked_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="batch_lock_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["LOCKED", "DECIDED"]), _negated=True),
                            models.Q(
                                ("locked_at__isnull", False),
                                models.Q(("digest", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="batch_locked_has_digest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "DECIDED"), ("decided_at__isnull", False)),
                            models.Q(
                                models.Q(("status", "DECIDED"), _negated=True),
                                ("decided_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="batch_decided_has_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "DECIDED"), _negated=True),
                            ("meeting__isnull", False),
                            _connector="OR",
                        ),
                        name="batch_decided_in_meeting",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("locked_by", None),
                            models.Q(("locked_by", models.F("built_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="batch_locked_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchedLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                (
                    "match",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="funds.match",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matched",
                        to="funds.statementline",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("active", True)),
                        fields=("line",),
                        name="matched_line_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LineSide",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", base.crypto.EncryptedTextField(blank=True, default="")),
                ("account", base.crypto.EncryptedTextField(blank=True, default="")),
                ("account_index", models.CharField(blank=True, default="", max_length=64)),
                ("text", base.crypto.EncryptedTextField(blank=True, default="")),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="side",
                        to="funds.statementline",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BatchLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField(verbose_name="no.")),
                ("amount_fen", models.BigIntegerField(null=True, verbose_name="proposed amount")),
                ("exceptions", models.JSONField(default=list)),
                ("single", models.BooleanField(default=False, verbose_name="individual item")),
                ("current", models.BooleanField(default=True)),
                ("removed", models.BooleanField(default=False)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("APPROVED", "approved"),
                            ("REFUSED", "not approved"),
                            ("DEFERRED", "deferred"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="decision",
                    ),
                ),
                ("account_index", models.CharField(blank=True, default="", max_length=64)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="funds.batch",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_lines",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["batch", "seq"], name="line_of_batch")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["APPROVED", "REFUSED", "DEFERRED", ""])
                        ),
                        name="line_outcome_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("removed", False)),
                        fields=("batch", "case"),
                        name="line_once_per_batch",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("removed", False), ("current", False), _connector="OR"),
                        name="line_removed_is_not_current",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("current", True)),
                        fields=("case",),
                        name="line_in_one_batch",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_fen", None), ("amount_fen__gt", 0), _connector="OR"
                        ),
                        name="line_amount_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30, verbose_name="payment number")),
                (
                    "status",
                    models.CharField(
                        choices=[("PREPARED", "Prepared"), ("POSTED", "Posted"), ("VOID", "Void")],
                        default="PREPARED",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("payments_count", models.PositiveIntegerField()),
                ("total_fen", models.BigIntegerField(verbose_name="total")),
                ("digest", models.CharField(max_length=64)),
                ("prepared_at", models.DateTimeField()),
                ("posted_at", models.DateTimeField(null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="funds.batch",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
                (
                    "posted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "-prepared_at", "-id"], name="run_newest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["PREPARED", "POSTED", "VOID"])),
                        name="run_status_known",
                    ),
                    models.UniqueConstraint(fields=("company", "number"), name="run_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("posted_at__isnull", False), ("posted_by__isnull", False)),
                            models.Q(("posted_at__isnull", True), ("posted_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="run_post_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "POSTED"), ("posted_at__isnull", False)),
                            models.Q(
                                models.Q(("status", "POSTED"), _negated=True),
                                ("posted_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="run_posted_has_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("posted_by", None),
                            models.Q(("posted_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="run_posted_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payments_count__gt", 0), ("total_fen__gt", 0)),
                        name="run_not_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("RECEIVE", "Received"),
                            ("INTEREST", "Interest"),
                            ("DONATION", "Donation"),
                            ("ALLOCATE", "Allocated"),
                            ("RELEASE", "Allocation taken back"),
                            ("PAY", "Paid"),
                            ("BOUNCE", "Returned by the bank"),
                            ("REVERSE", "Reversed"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("amount_fen", models.BigIntegerField(verbose_name="amount")),
                ("voucher", models.CharField(max_length=30, verbose_name="voucher number")),
                ("value_on", models.DateField(verbose_name="date")),
                ("note", models.CharField(blank=True, max_length=120, verbose_name="summary")),
                ("key", models.CharField(max_length=80, unique=True)),
                ("at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="funds.batch",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="cases.case",
                    ),
                ),
                (
                    "credit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="funds.account",
                    ),
                ),
                (
                    "debit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debits",
                        to="funds.account",
                    ),
                ),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="funds.fund",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="funds.transfer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["fund", "-id"], name="transfer_newest"),
                    models.Index(fields=["debit", "-id"], name="transfer_debit_newest"),
                    models.Index(fields=["credit", "-id"], name="transfer_credit_newest"),
                    models.Index(fields=["fund", "value_on"], name="transfer_by_day"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "RECEIVE",
                                    "INTEREST",
                                    "DONATION",
                                    "ALLOCATE",
                                    "RELEASE",
                                    "PAY",
                                    "BOUNCE",
                                    "REVERSE",
                                ],
                            )
                        ),
                        name="transfer_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen__gt", 0)), name="transfer_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("debit", models.F("credit")), _negated=True),
                        name="transfer_between_two_accounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "REVERSE"), ("reverses__isnull", False)),
                            models.Q(
                                models.Q(("kind", "REVERSE"), _negated=True), ("reverses", None)
                            ),
                            _connector="OR",
                        ),
                        name="transfer_reverses_iff_reversal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["PAY", "BOUNCE"]), _negated=True),
                            models.Q(("batch__isnull", False), ("case__isnull", False)),
                            _connector="OR",
                        ),
                        name="transfer_payment_names_case",
                    ),
                    models.UniqueConstraint(
                        fields=("fund", "voucher"), name="transfer_voucher_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_fen", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="funds.account",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="cases.case",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="funds.batchline",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen__gt", 0)), name="hold_amount_positive"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchedEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                (
                    "match",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="funds.match",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matched",
                        to="funds.transfer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("active", True)),
                        fields=("transfer",),
                        name="matched_entry_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Explanation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("IN_TRANSIT", "under way between the bank and us"),
                            ("TO_BOOK", "to be booked next month"),
                            ("TO_REVERSE", "booked wrongly, to be reversed next month"),
                            ("BANK_ERROR", "mistake of the bank, which will correct it"),
                            ("OTHER", "other"),
                        ],
                        max_length=20,
                        verbose_name="why it stands alone",
                    ),
                ),
                (
                    "words",
                    base.crypto.EncryptedTextField(blank=True, default="", verbose_name="in words"),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="explanations",
                        to="funds.statementline",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="explanations",
                        to="funds.transfer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "why__in",
                                ["IN_TRANSIT", "TO_BOOK", "TO_REVERSE", "BANK_ERROR", "OTHER"],
                            )
                        ),
                        name="explanation_why_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("line", None), ("transfer__isnull", False)),
                            models.Q(("line__isnull", False), ("transfer", None)),
                            _connector="OR",
                        ),
                        name="explanation_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveSmallIntegerField()),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("FOR", "for"),
                            ("AGAINST", "against"),
                            ("ABSTAIN", "abstained"),
                            ("DEFER", "defer"),
                            ("RECUSED", "recused"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="funds.batch",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="funds.batchline",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("choice__in", ["FOR", "AGAINST", "ABSTAIN", "DEFER", "RECUSED"])
                        ),
                        name="vote_choice_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("line__isnull", False)),
                        fields=("batch", "version", "line", "user"),
                        name="vote_once_per_line",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("line", None)),
                        fields=("batch", "version", "user"),
                        name="vote_once_for_the_rest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField(verbose_name="no.")),
                ("attempt", models.PositiveSmallIntegerField(default=1)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PREPARED", "prepared"),
                            ("POSTED", "paid"),
                            ("RETURNED", "returned by the bank"),
                            ("VOID", "void"),
                        ],
                        default="PREPARED",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("amount_fen", models.BigIntegerField(verbose_name="amount")),
                ("bank", models.CharField(max_length=60)),
                ("branch", models.CharField(blank=True, default="", max_length=100)),
                ("account_name", models.CharField(max_length=60)),
                ("account", base.crypto.EncryptedTextField()),
                ("account_index", models.CharField(max_length=64)),
                ("returned_at", models.DateTimeField(null=True)),
                (
                    "return_reason",
                    models.CharField(
                        blank=True, default="", max_length=100, verbose_name="reason of the bank"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="cases.case",
                    ),
                ),
                (
                    "clearance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.clearance",
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="funds.hold",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="funds.batchline",
                    ),
                ),
                (
                    "returned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="funds.paymentrun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["PREPARED", "POSTED", "RETURNED", "VOID"])
                        ),
                        name="payment_status_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["PREPARED", "POSTED"])),
                        fields=("line",),
                        name="payment_once_per_line",
                    ),
                    models.UniqueConstraint(
                        fields=("line", "attempt"), name="payment_attempt_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen__gt", 0)), name="payment_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("returned_at__isnull", False), ("returned_by__isnull", False)
                            ),
                            models.Q(("returned_at__isnull", True), ("returned_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="payment_return_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "RETURNED"), ("returned_at__isnull", False)),
                            models.Q(
                                models.Q(("status", "RETURNED"), _negated=True),
                                ("returned_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="payment_returned_has_moment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HoldEnd",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[("POSTED", "posted by a payment"), ("VOIDED", "voided")],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "hold",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="end",
                        to="funds.hold",
                    ),
                ),
                (
                    "transfer",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funds.transfer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["POSTED", "VOIDED"])),
                        name="hold_end_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", "POSTED"), ("transfer__isnull", False)),
                            models.Q(("reason", "VOIDED"), ("transfer", None)),
                            _connector="OR",
                        ),
                        name="hold_end_posted_by_transfer",
                    ),
                ],
            },
        ),
    ]
