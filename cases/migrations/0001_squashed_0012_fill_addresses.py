import base.crypto
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("cases", "0001_initial"),
        ("cases", "0002_household_form"),
        ("cases", "0003_dossier_life"),
        ("cases", "0004_policy_drafts"),
        ("cases", "0005_visits_in_full"),
        ("cases", "0006_fill_visits"),
        ("cases", "0007_programme_forms"),
        ("cases", "0008_document_kinds"),
        ("cases", "0009_form_labels"),
        ("cases", "0010_exports_to_report"),
        ("cases", "0011_checks_of_nothing"),
        ("cases", "0012_fill_addresses"),
    ]

    initial = True

    dependencies = [
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Post",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("people.appointment",),
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="title")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="up to")),
                ("opened_at", models.DateTimeField()),
                ("filled_at", models.DateTimeField(null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-starts_on", "-id"], name="campaign_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="campaign_ends_after_it_starts",
                    ),
                    models.UniqueConstraint(
                        fields=("company", "title"), name="campaign_title_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("last", models.PositiveIntegerField(default=0)),
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
                "constraints": [
                    models.UniqueConstraint(fields=("company", "key"), name="counter_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
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
                            ("REGISTER", "register of households, masked"),
                            ("NATIONAL", "columns of the national form, with full numbers"),
                        ],
                        max_length=20,
                        verbose_name="what",
                    ),
                ),
                ("filters", models.JSONField(default=dict)),
                (
                    "purpose",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("REVIEW", "to review the application"),
                            ("VISIT", "to visit the household"),
                            ("PAYMENT", "to pay or to check an account"),
                            ("CORRECTION", "to correct a mistake in the file"),
                            ("AUDIT", "for the audit"),
                            ("REQUEST", "at the request of the person"),
                            ("REPORT", "to report to the upper union"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("RUNNING", "being prepared"),
                            ("DONE", "ready"),
                            ("GONE", "taken away"),
                        ],
                        default="RUNNING",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("rows", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("file", models.FileField(blank=True, upload_to="exports/")),
                ("language", models.CharField(max_length=10)),
                ("asked_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
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
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                        verbose_name="grassroots union",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["asked_by", "-asked_at", "-id"], name="export_newest"),
                    models.Index(fields=["status", "finished_at"], name="export_ended"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["REGISTER", "NATIONAL"])),
                        name="export_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["RUNNING", "DONE", "GONE"])),
                        name="export_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "purpose__in",
                                [
                                    "REVIEW",
                                    "VISIT",
                                    "PAYMENT",
                                    "CORRECTION",
                                    "AUDIT",
                                    "REQUEST",
                                    "REPORT",
                                    "",
                                ],
                            )
                        ),
                        name="export_purpose_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("status", "RUNNING"), _negated=True),
                                ("finished_at__isnull", False),
                            ),
                            models.Q(("status", "RUNNING"), ("finished_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="export_finished_has_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "NATIONAL"), models.Q(("purpose", ""), _negated=True)
                            ),
                            models.Q(
                                models.Q(("kind", "NATIONAL"), _negated=True), ("purpose", "")
                            ),
                            _connector="OR",
                        ),
                        name="export_full_numbers_have_purpose",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "DONE"), models.Q(("file", ""), _negated=True)),
                            models.Q(models.Q(("status", "DONE"), _negated=True), ("file", "")),
                            _connector="OR",
                        ),
                        name="export_file_while_ready",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("rows"))),
                        name="export_done_within_rows",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GiftRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="title")),
                (
                    "occasion",
                    models.CharField(
                        choices=[
                            ("SPRING", "Spring Festival"),
                            ("AUTUMN", "Mid-Autumn"),
                            ("HEAT", "summer heat"),
                            ("FRONT_LINE", "front-line workers"),
                            ("HOSPITAL", "hospital stay"),
                            ("DEATH", "death in the family"),
                            ("SUDDEN", "sudden event"),
                        ],
                        max_length=20,
                        verbose_name="occasion",
                    ),
                ),
                ("since", models.DateField(verbose_name="first day")),
                ("until", models.DateField(verbose_name="last day")),
                ("what", models.CharField(max_length=100, verbose_name="what each receives")),
                ("unit_fen", models.BigIntegerField(verbose_name="value of one")),
                ("planned_fen", models.BigIntegerField(verbose_name="planned budget")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("DUES", "union dues"),
                            ("ADMINISTRATION", "company administration"),
                            ("DONATION", "donation"),
                        ],
                        max_length=20,
                        verbose_name="who pays for the goods",
                    ),
                ),
                (
                    "voucher",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=60,
                        verbose_name="voucher number of the purchase",
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
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
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "responsible",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="responsible",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gift_rounds",
                        to="people.unit",
                        verbose_name="grassroots union",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "-since", "-id"], name="gift_round_company_newest"
                    ),
                    models.Index(fields=["unit", "-since", "-id"], name="gift_round_unit_newest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "occasion__in",
                                [
                                    "SPRING",
                                    "AUTUMN",
                                    "HEAT",
                                    "FRONT_LINE",
                                    "HOSPITAL",
                                    "DEATH",
                                    "SUDDEN",
                                ],
                            )
                        ),
                        name="gift_round_occasion_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["DUES", "ADMINISTRATION", "DONATION"])),
                        name="gift_round_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gte", models.F("since"))),
                        name="gift_round_ends_after_it_began",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("planned_fen__gt", 0), ("unit_fen__gt", 0)),
                        name="gift_round_amounts_positive",
                    ),
                    models.UniqueConstraint(
                        fields=("company", "title", "since"), name="gift_round_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Informant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "area",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=100,
                        verbose_name="team or area looked after",
                    ),
                ),
                (
                    "phone",
                    base.crypto.EncryptedTextField(blank=True, default="", verbose_name="phone"),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="informants",
                        to="people.unit",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="informants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "unit"), name="informant_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30, verbose_name="notice number")),
                ("code", models.CharField(max_length=12, unique=True)),
                ("title", models.CharField(max_length=120, verbose_name="title")),
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
                ("basis", models.CharField(max_length=120, verbose_name="decision")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="to")),
                ("working_days", models.PositiveSmallIntegerField(verbose_name="working days")),
                ("days", models.TextField()),
                ("lines_count", models.PositiveIntegerField()),
                ("total_fen", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("published_at", models.DateTimeField()),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="people.unit",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-starts_on", "-id"], name="notice_newest")],
                "constraints": [
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
                        name="notice_programme_known",
                    ),
                    models.UniqueConstraint(
                        fields=("company", "number"), name="notice_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="notice_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("working_days__gte", 1)), name="notice_has_days"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("title", models.CharField(max_length=100, verbose_name="title")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("IN_FORCE", "In force"),
                            ("GIVEN_UP", "Given up"),
                        ],
                        default="DRAFT",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("drafted_at", models.DateTimeField()),
                ("in_force_on", models.DateField(null=True, verbose_name="in force on")),
                ("enacted_at", models.DateTimeField(null=True)),
                ("given_up_at", models.DateTimeField(null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies",
                        to="people.unit",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enacted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "given_up_by",
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
                        condition=models.Q(("status__in", ["DRAFT", "IN_FORCE", "GIVEN_UP"])),
                        name="policy_status_known",
                    ),
                    models.UniqueConstraint(
                        fields=("company", "number"), name="policy_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("enacted_at__isnull", False),
                                ("enacted_by__isnull", False),
                                ("in_force_on__isnull", False),
                            ),
                            models.Q(
                                ("enacted_at__isnull", True),
                                ("enacted_by__isnull", True),
                                ("in_force_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="policy_enactment_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("in_force_on", None), ("status__in", ["DRAFT", "GIVEN_UP"])),
                            models.Q(("in_force_on__isnull", False), ("status", "IN_FORCE")),
                            _connector="OR",
                        ),
                        name="policy_in_force_has_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("enacted_by", None),
                            models.Q(("enacted_by", models.F("drafted_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="policy_enacted_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status", "GIVEN_UP"),
                                ("given_up_at__isnull", False),
                                ("given_up_by__isnull", False),
                            ),
                            models.Q(
                                models.Q(("status", "GIVEN_UP"), _negated=True),
                                ("given_up_at__isnull", True),
                                ("given_up_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="policy_given_up_by_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterImport",
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
                            ("CHECKING", "being checked"),
                            ("CHECKED", "checked, not yet imported"),
                            ("REFUSED", "nothing to take over"),
                            ("RUNNING", "being imported"),
                            ("DONE", "imported"),
                        ],
                        max_length=20,
                    ),
                ),
                ("persons", models.PositiveIntegerField(default=0)),
                ("expenses", models.PositiveIntegerField(default=0)),
                ("report", models.FileField(blank=True, upload_to="imports/")),
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
                        fields=["company", "-uploaded_at", "-id"], name="register_import_newest"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["CHECKING", "CHECKED", "REFUSED", "RUNNING", "DONE"])
                        ),
                        name="register_import_status_known",
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
                        name="register_import_done_has_moment",
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
                        name="register_import_confirmation_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["RUNNING", "DONE"]), _negated=True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="register_import_runs_when_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("rows"))),
                        name="register_import_done_within_rows",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "RUNNING")),
                        fields=("company",),
                        name="register_import_one_running",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SubsistenceLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.CharField(max_length=60, verbose_name="place")),
                ("since", models.DateField(verbose_name="since")),
                ("monthly_fen", models.BigIntegerField(verbose_name="monthly amount")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("monthly_fen__gt", 0)), name="line_positive"
                    ),
                    models.UniqueConstraint(fields=("company", "since"), name="line_once_a_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WatchAnswer",
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
                            ("ID_NUMBER", "same ID number"),
                            ("ACCOUNT", "same payee account"),
                            ("PHONE", "same phone number"),
                            ("ADDRESS", "same address"),
                            ("HEAD_GONE", "head died or left the company"),
                            ("UNIT", "unit of the head differs"),
                            ("UNVISITED", "on file without a visit"),
                            ("STALE", "not updated for over a year"),
                            ("UNHELPED", "on file but never helped"),
                        ],
                        max_length=20,
                    ),
                ),
                ("households", models.CharField(max_length=300)),
                ("words", base.crypto.EncryptedTextField(verbose_name="what was found")),
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
                    models.Index(fields=["company", "kind", "households"], name="watch_households")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "ID_NUMBER",
                                    "ACCOUNT",
                                    "PHONE",
                                    "ADDRESS",
                                    "HEAD_GONE",
                                    "UNIT",
                                    "UNVISITED",
                                    "STALE",
                                    "UNHELPED",
                                ],
                            )
                        ),
                        name="watch_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Clause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("clause", models.CharField(max_length=30, verbose_name="clause")),
                ("value", models.JSONField(verbose_name="value")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                (
                    "mark",
                    models.CharField(
                        choices=[
                            ("PAPER", "stated in the paper"),
                            ("SOURCE", "taken from a published rule"),
                            ("ASSUMPTION", "assumption, to be confirmed"),
                        ],
                        max_length=20,
                        verbose_name="standing of the source",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clauses",
                        to="cases.policy",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("mark__in", ["PAPER", "SOURCE", "ASSUMPTION"])),
                        name="clause_mark_known",
                    ),
                    models.UniqueConstraint(fields=("policy", "key"), name="clause_key_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyEdit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=60)),
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
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edits",
                        to="cases.policy",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="title")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                (
                    "festival",
                    models.CharField(
                        choices=[("SPRING", "Spring Festival"), ("AUTUMN", "Mid-Autumn")],
                        max_length=20,
                        verbose_name="festival",
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="people.unit",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.policy",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("festival__in", ["SPRING", "AUTUMN"])),
                        name="round_festival_known",
                    ),
                    models.UniqueConstraint(
                        fields=("company", "year", "festival"), name="round_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Simulation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since_on", models.DateField(verbose_name="cases opened since")),
                ("rules", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField()),
                ("rows", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("left_out", models.PositiveIntegerField(default=0)),
                ("last_case", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("summary", models.JSONField(default=dict)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "base",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.policy",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="simulations",
                        to="cases.policy",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["policy", "-id"], name="simulation_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("finished_at", None),
                            (
                                "rows",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("done"), "+", models.F("left_out")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="simulation_finished_is_whole",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at", None)),
                        fields=("policy", "digest"),
                        name="simulation_once_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Training",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_on", models.DateField(verbose_name="date of the training")),
                ("subject", models.CharField(max_length=100, verbose_name="subject")),
                ("recorded_at", models.DateTimeField()),
                (
                    "informant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trainings",
                        to="cases.informant",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("informant", "held_on", "subject"), name="training_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Dossier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30, verbose_name="dossier number")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "applied for"),
                            ("ACTIVE", "on file"),
                            ("EXITED", "exited"),
                            ("CANCELLED", "cancelled"),
                        ],
                        default="PENDING",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DEEP", "Deep hardship"),
                            ("RELATIVE", "Relative hardship"),
                            ("SUDDEN", "Sudden hardship"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="class",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("SPECIAL", "Special hardship"),
                            ("HEAVY", "Heavy hardship"),
                            ("GENERAL", "General hardship"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="company level",
                    ),
                ),
                (
                    "main_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("OWN_ILLNESS", "serious illness of the employee"),
                            ("FAMILY_ILLNESS", "serious illness of a direct relative"),
                            ("SCHOOLING", "children in school"),
                            ("FEW_EARNERS", "few members in steady work"),
                            ("DISABILITY", "disability"),
                            ("UNEMPLOYMENT", "unemployment"),
                            ("DISASTER", "natural disaster"),
                            ("ACCIDENT", "accident"),
                            ("OTHER", "other cause"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="main cause",
                    ),
                ),
                (
                    "side_causes",
                    models.JSONField(blank=True, default=list, verbose_name="side causes"),
                ),
                (
                    "other_income_fen",
                    models.BigIntegerField(default=0, verbose_name="other income in twelve months"),
                ),
                (
                    "verified_other_income_fen",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="verified other income in twelve months"
                    ),
                ),
                (
                    "other_income_basis",
                    models.CharField(
                        choices=[
                            ("DECLARED", "self-reported"),
                            ("DOCUMENTED", "documented"),
                            ("VISITED", "seen on the visit"),
                            ("MATCHED", "matched with data"),
                            ("CONFLICTING", "conflicting"),
                        ],
                        default="DECLARED",
                        max_length=20,
                        verbose_name="how the other income is known",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("HARDSHIP", "Hardship employee"),
                            ("MIGRANT", "Migrant worker in hardship"),
                            ("TEMPORARY", "Temporary relief"),
                        ],
                        default="HARDSHIP",
                        max_length=20,
                        verbose_name="kind of dossier",
                    ),
                ),
                (
                    "standard",
                    models.CharField(
                        choices=[
                            ("GRASSROOTS", "grassroots (company)"),
                            ("DISTRICT", "district or county"),
                            ("CITY", "city"),
                            ("PROVINCE", "province"),
                            ("NATIONAL", "national"),
                        ],
                        default="GRASSROOTS",
                        max_length=20,
                        verbose_name="standard of the dossier",
                    ),
                ),
                (
                    "address",
                    base.crypto.EncryptedTextField(blank=True, default="", verbose_name="address"),
                ),
                ("address_index", models.CharField(blank=True, default="", max_length=64)),
                (
                    "postcode",
                    models.CharField(blank=True, default="", max_length=6, verbose_name="postcode"),
                ),
                (
                    "hukou_place",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=100,
                        verbose_name="place of household registration",
                    ),
                ),
                (
                    "other_contact",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="other contact"
                    ),
                ),
                (
                    "housing",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("SELF_BUILT", "self-built house"),
                            ("BOUGHT", "commercial flat"),
                            ("AFFORDABLE", "affordable flat"),
                            ("CAPPED", "price-capped flat"),
                            ("OF_UNIT", "flat rented from the employer"),
                            ("LOW_RENT", "low-rent flat of the state"),
                            ("RENTED", "rented flat"),
                            ("OTHER", "other home"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="housing",
                    ),
                ),
                (
                    "floor_area",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="floor area (m²)"
                    ),
                ),
                (
                    "homes",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="number of homes"
                    ),
                ),
                (
                    "vehicles",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="number of vehicles"
                    ),
                ),
                (
                    "property_note",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="other property"
                    ),
                ),
                (
                    "single_parent",
                    models.BooleanField(blank=True, null=True, verbose_name="single parent"),
                ),
                (
                    "union_member",
                    models.BooleanField(blank=True, null=True, verbose_name="union member"),
                ),
                (
                    "union_card",
                    models.CharField(
                        blank=True, default="", max_length=30, verbose_name="union card number"
                    ),
                ),
                (
                    "on_allowance",
                    models.BooleanField(
                        blank=True, null=True, verbose_name="on subsistence allowance"
                    ),
                ),
                (
                    "allowance_fen",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="subsistence allowance a month"
                    ),
                ),
                (
                    "allowance_number",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="subsistence allowance certificate"
                    ),
                ),
                (
                    "self_help",
                    models.BooleanField(
                        blank=True, null=True, verbose_name="able to help itself in part"
                    ),
                ),
                (
                    "help_received",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="help received now"
                    ),
                ),
                (
                    "honours",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="honours"
                    ),
                ),
                (
                    "industry",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("A", "agriculture, forestry and fishing"),
                            ("B", "mining"),
                            ("C", "manufacturing"),
                            ("D", "electricity, heat, gas and water"),
                            ("E", "construction"),
                            ("F", "wholesale and retail"),
                            ("G", "transport, storage and post"),
                            ("H", "hotels and catering"),
                            ("I", "information and software"),
                            ("J", "finance"),
                            ("K", "real estate"),
                            ("L", "leasing and business services"),
                            ("M", "research and technical services"),
                            ("N", "water, environment and public facilities"),
                            ("O", "household and repair services"),
                            ("P", "teaching"),
                            ("Q", "health and social work"),
                            ("R", "culture, sport and entertainment"),
                            ("S", "public administration and social organisations"),
                            ("T", "international organisations"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="industry",
                    ),
                ),
                (
                    "began_work_on",
                    models.DateField(blank=True, null=True, verbose_name="began work on"),
                ),
                (
                    "key_group",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                "UNDEREMPLOYED",
                                "on subsistence allowance, able to work, not fully employed",
                            ),
                            ("OUTSIDE", "below the subsistence line, not on the allowance"),
                            ("EXPENDITURE", "in hardship by expenditure"),
                            ("MIGRANT", "urban migrant worker in hardship"),
                            ("REFORM", "in hardship by structural reform"),
                            ("OTHER", "another group"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="group of the national campaign",
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("WORK", "employment or starting a business"),
                            ("INSURANCE", "joining the social insurance"),
                            ("ASSISTANCE", "social assistance as the last resort"),
                            ("UNION", "relief by the union"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="way out of hardship",
                    ),
                ),
                (
                    "relieved_on",
                    models.DateField(
                        blank=True, null=True, verbose_name="relieved or recovered on"
                    ),
                ),
                (
                    "story",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="in the household's own words"
                    ),
                ),
                ("edit", models.PositiveIntegerField(default=0)),
                ("entered_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("opened_on", models.DateField(null=True, verbose_name="on file since")),
                ("review_due_on", models.DateField(null=True, verbose_name="next re-check")),
                ("last_visited_on", models.DateField(null=True, verbose_name="last visit")),
                (
                    "visit_from_on",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            "last_visited_on", "opened_on"
                        ),
                        output_field=models.DateField(null=True),
                    ),
                ),
                ("closed_on", models.DateField(null=True, verbose_name="closed on")),
                (
                    "exit_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("RECOVERED", "recovered from hardship"),
                            ("DIED", "died"),
                            ("TRANSFERRED", "transferred"),
                            ("DUPLICATE", "duplicate"),
                            ("FALSE", "false statements"),
                            ("WISH", "at own wish"),
                            ("NOT_RECOGNISED", "not recognised"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="reason of exit",
                    ),
                ),
                (
                    "changed_by",
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
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "head",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dossiers",
                        to="people.person",
                        verbose_name="head of household",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dossiers",
                        to="people.unit",
                        verbose_name="grassroots union",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "status", "number"], name="dossier_company_number"
                    ),
                    models.Index(fields=["unit", "status", "number"], name="dossier_unit_number"),
                    models.Index(
                        fields=["company", "status", "review_due_on"], name="dossier_review_due"
                    ),
                    models.Index(
                        fields=["company", "status", "visit_from_on", "id"],
                        name="dossier_company_visit",
                    ),
                    models.Index(
                        fields=["unit", "status", "visit_from_on", "id"], name="dossier_unit_visit"
                    ),
                    models.Index(fields=["company", "closed_on", "id"], name="dossier_closed_long"),
                    models.Index(
                        condition=models.Q(("address_index", ""), _negated=True),
                        fields=["company", "address_index"],
                        name="dossier_same_address",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["PENDING", "ACTIVE", "EXITED", "CANCELLED"])
                        ),
                        name="dossier_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("category__in", ["DEEP", "RELATIVE", "SUDDEN", ""])),
                        name="dossier_category_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["SPECIAL", "HEAVY", "GENERAL", ""])),
                        name="dossier_level_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "main_cause__in",
                                [
                                    "OWN_ILLNESS",
                                    "FAMILY_ILLNESS",
                                    "SCHOOLING",
                                    "FEW_EARNERS",
                                    "DISABILITY",
                                    "UNEMPLOYMENT",
                                    "DISASTER",
                                    "ACCIDENT",
                                    "OTHER",
                                    "",
                                ],
                            )
                        ),
                        name="dossier_main_cause_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "exit_reason__in",
                                [
                                    "RECOVERED",
                                    "DIED",
                                    "TRANSFERRED",
                                    "DUPLICATE",
                                    "FALSE",
                                    "WISH",
                                    "NOT_RECOGNISED",
                                    "",
                                ],
                            )
                        ),
                        name="dossier_exit_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["HARDSHIP", "MIGRANT", "TEMPORARY"])),
                        name="dossier_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "standard__in",
                                ["GRASSROOTS", "DISTRICT", "CITY", "PROVINCE", "NATIONAL"],
                            )
                        ),
                        name="dossier_standard_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "housing__in",
                                [
                                    "SELF_BUILT",
                                    "BOUGHT",
                                    "AFFORDABLE",
                                    "CAPPED",
                                    "OF_UNIT",
                                    "LOW_RENT",
                                    "RENTED",
                                    "OTHER",
                                    "",
                                ],
                            )
                        ),
                        name="dossier_housing_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "industry__in",
                                [
                                    "A",
                                    "B",
                                    "C",
                                    "D",
                                    "E",
                                    "F",
                                    "G",
                                    "H",
                                    "I",
                                    "J",
                                    "K",
                                    "L",
                                    "M",
                                    "N",
                                    "O",
                                    "P",
                                    "Q",
                                    "R",
                                    "S",
                                    "T",
                                    "",
                                ],
                            )
                        ),
                        name="dossier_industry_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "key_group__in",
                                [
                                    "UNDEREMPLOYED",
                                    "OUTSIDE",
                                    "EXPENDITURE",
                                    "MIGRANT",
                                    "REFORM",
                                    "OTHER",
                                    "",
                                ],
                            )
                        ),
                        name="dossier_key_group_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("measure__in", ["WORK", "INSURANCE", "ASSISTANCE", "UNION", ""])
                        ),
                        name="dossier_measure_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "other_income_basis__in",
                                ["DECLARED", "DOCUMENTED", "VISITED", "MATCHED", "CONFLICTING"],
                            )
                        ),
                        name="dossier_other_income_basis_known",
                    ),
                    models.UniqueConstraint(
                        fields=("company", "number"), name="dossier_number_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["PENDING", "ACTIVE"])),
                        fields=("head",),
                        name="dossier_one_open_per_head",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "ACTIVE"), _negated=True),
                            models.Q(
                                ("opened_on__isnull", False),
                                ("review_due_on__isnull", False),
                                models.Q(("category", ""), _negated=True),
                                models.Q(("level", ""), _negated=True),
                                models.Q(("main_cause", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dossier_active_is_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["EXITED", "CANCELLED"]),
                                ("closed_on__isnull", False),
                            ),
                            models.Q(
                                models.Q(("status__in", ["EXITED", "CANCELLED"]), _negated=True),
                                ("closed_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="dossier_closed_has_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["EXITED", "CANCELLED"]),
                                models.Q(("exit_reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("status__in", ["EXITED", "CANCELLED"]), _negated=True),
                                ("exit_reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="dossier_closed_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("other_income_fen__gte", 0),
                            models.Q(
                                ("verified_other_income_fen", None),
                                ("verified_other_income_fen__gte", 0),
                                _connector="OR",
                            ),
                        ),
                        name="dossier_other_income_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("allowance_fen", None),
                            models.Q(
                                ("allowance_fen__gte", 0),
                                ("on_allowance", True),
                                ("on_allowance__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="dossier_allowance_when_on_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DossierEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("ENTER", "Applied for"),
                            ("OPEN", "Put on file"),
                            ("UPDATE", "Facts updated"),
                            ("RECHECK", "Re-checked"),
                            ("PROPOSE_EXIT", "Exit proposed"),
                            ("EXIT", "Exited"),
                            ("KEEP", "Kept on file"),
                            ("CANCEL", "Cancelled"),
                            ("DROP", "Not put on file"),
                            ("RETURN", "Came back after relapse"),
                            ("TRANSFER", "Transferred to another unit"),
                            ("FOLLOW_UP", "Followed up"),
                            ("TAKE_OVER", "Taken over from a register"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("PENDING", "applied for"),
                            ("ACTIVE", "on file"),
                            ("EXITED", "exited"),
                            ("CANCELLED", "cancelled"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("PENDING", "applied for"),
                            ("ACTIVE", "on file"),
                            ("EXITED", "exited"),
                            ("CANCELLED", "cancelled"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=30)),
                ("clause", models.CharField(blank=True, max_length=30)),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("EMPLOYEE", "employee or retiree"),
                            ("INFORMANT", "information officer"),
                            ("UNIT_OFFICER", "grassroots union officer"),
                            ("UNIT_CHAIR", "grassroots union chair"),
                            ("COMPANY_OFFICER", "company union officer"),
                            ("COMPANY_CHAIR", "company union chair"),
                            ("SECRETARY", "meeting secretary"),
                            ("LEADER", "member of the leadership"),
                            ("CASHIER", "cashier"),
                            ("ACCOUNTANT", "accountant"),
                            ("DISCIPLINE", "discipline inspection"),
                            ("AUDITOR", "auditor"),
                            ("GROUP", "group union"),
                            ("ADMIN", "system administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="cases.dossier",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.dossier",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
                (
                    "unit_after",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
                (
                    "unit_before",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["dossier", "-at", "-id"], name="event_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "act__in",
                                [
                                    "ENTER",
                                    "OPEN",
                                    "UPDATE",
                                    "RECHECK",
                                    "PROPOSE_EXIT",
                                    "EXIT",
                                    "KEEP",
                                    "CANCEL",
                                    "DROP",
                                    "RETURN",
                                    "TRANSFER",
                                    "FOLLOW_UP",
                                    "TAKE_OVER",
                                ],
                            )
                        ),
                        name="event_act_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("before__in", ["PENDING", "ACTIVE", "EXITED", "CANCELLED", ""])
                        ),
                        name="event_before_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("after__in", ["PENDING", "ACTIVE", "EXITED", "CANCELLED"])
                        ),
                        name="event_after_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "EMPLOYEE",
                                    "INFORMANT",
                                    "UNIT_OFFICER",
                                    "UNIT_CHAIR",
                                    "COMPANY_OFFICER",
                                    "COMPANY_CHAIR",
                                    "SECRETARY",
                                    "LEADER",
                                    "CASHIER",
                                    "ACCOUNTANT",
                                    "DISCIPLINE",
                                    "AUDITOR",
                                    "GROUP",
                                    "ADMIN",
                                    "",
                                ],
                            )
                        ),
                        name="event_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act__in", ["ENTER", "TAKE_OVER"]), ("before", "")),
                            models.Q(
                                models.Q(("act__in", ["ENTER", "TAKE_OVER"]), _negated=True),
                                models.Q(("before", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="event_before_unless_entering",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("by__isnull", False), ("act__in", ["OPEN", "DROP"]), _connector="OR"
                        ),
                        name="event_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("unit_before", models.F("unit_after")),
                            ("act__in", ["TRANSFER", "RETURN"]),
                            _connector="OR",
                        ),
                        name="event_unit_changes_by_transfer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("other__isnull", False), ("reason", "DUPLICATE")),
                            models.Q(
                                models.Q(("reason", "DUPLICATE"), _negated=True), ("other", None)
                            ),
                            _connector="OR",
                        ),
                        name="event_duplicate_names_the_other",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="revision")),
                ("edit", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
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
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="cases.dossier",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("dossier", "number"), name="revision_number_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
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
                            ("INCOME", "income"),
                            ("WORK", "work"),
                            ("JOINED", "a member joined"),
                            ("LEFT", "a member left or died"),
                            ("ILLNESS", "illness"),
                            ("ADDRESS", "address"),
                            ("PHONE", "phone number"),
                            ("EXPENSE", "expenses"),
                            ("OTHER", "something else"),
                        ],
                        max_length=20,
                        verbose_name="what changed",
                    ),
                ),
                ("happened_on", models.DateField(verbose_name="since when")),
                ("words", base.crypto.EncryptedTextField(verbose_name="what happened")),
                ("edit", models.PositiveIntegerField()),
                ("due_on", models.DateField(verbose_name="due")),
                ("late", models.BooleanField(default=False, verbose_name="reported late")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("OPEN", "to be taken over"),
                            ("TAKEN", "taken into the file"),
                            ("NO_NEED", "no change of facts needed"),
                        ],
                        default="OPEN",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("reported_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("answer", base.crypto.EncryptedTextField(null=True, verbose_name="what was done")),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="cases.dossier",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["status", "due_on", "id"], name="change_due"),
                    models.Index(fields=["dossier", "-reported_at"], name="change_of_household"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "INCOME",
                                    "WORK",
                                    "JOINED",
                                    "LEFT",
                                    "ILLNESS",
                                    "ADDRESS",
                                    "PHONE",
                                    "EXPENSE",
                                    "OTHER",
                                ],
                            )
                        ),
                        name="change_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["OPEN", "TAKEN", "NO_NEED"])),
                        name="change_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("status", "OPEN"), _negated=True),
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                            ),
                            models.Q(
                                ("status", "OPEN"),
                                ("closed_at__isnull", True),
                                ("closed_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="change_closed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "NO_NEED"), _negated=True),
                            ("answer__isnull", False),
                            _connector="OR",
                        ),
                        name="change_refused_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("happened_on"))),
                        name="change_due_after_it_happened",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("edit", models.PositiveIntegerField()),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("UNCHANGED", "unchanged"),
                            ("CHANGED", "changed, facts updated"),
                            ("EXIT", "to exit"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="result",
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("VISIT", "home visit"),
                            ("PHONE", "by phone"),
                            ("PAPERS", "by papers"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="how",
                    ),
                ),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rechecks",
                        to="cases.campaign",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rechecks",
                        to="cases.dossier",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["campaign", "unit", "result"], name="recheck_progress")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("result__in", ["UNCHANGED", "CHANGED", "EXIT", ""])),
                        name="recheck_result_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["VISIT", "PHONE", "PAPERS", ""])),
                        name="recheck_how_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("result", ""), _negated=True),
                                ("done_at__isnull", False),
                                ("done_by__isnull", False),
                            ),
                            models.Q(
                                ("result", ""), ("done_at__isnull", True), ("done_by__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="recheck_done_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("how", ""), ("result", "")),
                            models.Q(
                                models.Q(("result", ""), _negated=True),
                                models.Q(("how", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="recheck_done_says_how",
                    ),
                    models.UniqueConstraint(
                        fields=("campaign", "dossier"), name="recheck_once_a_campaign"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "dossier",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="register_line",
                        to="cases.dossier",
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="cases.registerimport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("register", "row"), name="register_line_row_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Supporter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("SELF", "the employee"),
                            ("SPOUSE", "spouse"),
                            ("SON", "son"),
                            ("DAUGHTER", "daughter"),
                            ("GRANDCHILD", "grandchild"),
                            ("PARENT", "parent"),
                            ("PARENT_IN_LAW", "parent of the spouse"),
                            ("GRANDPARENT", "grandparent"),
                            ("SIBLING", "brother or sister"),
                            ("OTHER", "other relative"),
                        ],
                        max_length=20,
                        verbose_name="relation",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "phone",
                    base.crypto.EncryptedTextField(blank=True, default="", verbose_name="phone"),
                ),
                (
                    "workplace",
                    models.CharField(
                        blank=True, default="", max_length=100, verbose_name="workplace"
                    ),
                ),
                ("monthly_fen", models.BigIntegerField(default=0, verbose_name="support a month")),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="note"),
                ),
                ("left_on", models.DateField(null=True, verbose_name="no longer since")),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supporters",
                        to="cases.dossier",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "relation__in",
                                [
                                    "SELF",
                                    "SPOUSE",
                                    "SON",
                                    "DAUGHTER",
                                    "GRANDCHILD",
                                    "PARENT",
                                    "PARENT_IN_LAW",
                                    "GRANDPARENT",
                                    "SIBLING",
                                    "OTHER",
                                ],
                            )
                        ),
                        name="supporter_relation_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("monthly_fen__gte", 0)),
                        name="supporter_amount_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visited_on", models.DateField(verbose_name="date of the visit")),
                ("started_at", models.DateTimeField(null=True, verbose_name="from")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="until")),
                ("met", base.crypto.EncryptedTextField(verbose_name="who was met")),
                ("checks", models.JSONField(default=list, verbose_name="checked at the door")),
                (
                    "match",
                    models.CharField(
                        choices=[
                            ("SAME", "agrees with the declaration"),
                            ("PARTLY", "agrees in part"),
                            ("DIFFERS", "does not agree"),
                        ],
                        max_length=20,
                        verbose_name="match with the declaration",
                    ),
                ),
                (
                    "differences",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="differences"
                    ),
                ),
                (
                    "notes",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="what was seen"
                    ),
                ),
                ("seen_text", base.crypto.EncryptedTextField(blank=True, default="")),
                ("needs", models.JSONField(default=list, verbose_name="needs")),
                (
                    "advice",
                    models.CharField(
                        choices=[
                            ("HELP", "help"),
                            ("ADJUST", "help, after correction of the facts"),
                            ("NO_HELP", "no help"),
                        ],
                        max_length=20,
                        verbose_name="advice",
                    ),
                ),
                (
                    "signed",
                    models.BooleanField(default=False, verbose_name="signed by the household"),
                ),
                (
                    "unsigned_reason",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="why it is not signed"
                    ),
                ),
                ("visitor_count", models.PositiveSmallIntegerField(default=0)),
                ("outside_count", models.PositiveSmallIntegerField(default=0)),
                ("recorded_at", models.DateTimeField()),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="cases.dossier",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["dossier", "-visited_on"], name="visit_newest"),
                    models.Index(fields=["-visited_on", "-id"], name="visit_newest_of_all"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("match__in", ["SAME", "PARTLY", "DIFFERS"])),
                        name="visit_match_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("advice__in", ["HELP", "ADJUST", "NO_HELP"])),
                        name="visit_advice_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("visitor_count__gte", 2)), name="visit_by_two"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("started_at__isnull", False)),
                            models.Q(("ended_at__isnull", True), ("started_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="visit_from_and_until",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("started_at", None),
                            models.Q(
                                ("ended_at__lte", models.F("recorded_at")),
                                ("started_at__lt", models.F("ended_at")),
                            ),
                            _connector="OR",
                        ),
                        name="visit_over_when_recorded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
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
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(verbose_name="need score")),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DEEP", "Deep hardship"),
                            ("RELATIVE", "Relative hardship"),
                            ("SUDDEN", "Sudden hardship"),
                        ],
                        max_length=20,
                        verbose_name="class",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("SPECIAL", "Special hardship"),
                            ("HEAVY", "Heavy hardship"),
                            ("GENERAL", "General hardship"),
                        ],
                        max_length=20,
                        verbose_name="company level",
                    ),
                ),
                (
                    "net_income_fen",
                    models.BigIntegerField(verbose_name="net monthly income a head"),
                ),
                ("reference_fen", models.BigIntegerField(verbose_name="reference amount")),
                ("result", models.TextField()),
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
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.policy",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="cases.revision",
                    ),
                ),
            ],
            options={
                "constraints": [
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
                        name="assessment_programme_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("category__in", ["DEEP", "RELATIVE", "SUDDEN", ""])),
                        name="assessment_category_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["SPECIAL", "HEAVY", "GENERAL", ""])),
                        name="assessment_level_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("score__lte", 100)), name="assessment_score_in_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reference_fen__gte", 0)),
                        name="assessment_reference_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DossierRemark",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="remark",
                        serialize=False,
                        to="cases.dossierevent",
                    ),
                ),
                ("words", base.crypto.EncryptedTextField()),
            ],
        ),
        migrations.CreateModel(
            name="RevisionBody",
            fields=[
                (
                    "revision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="body",
                        serialize=False,
                        to="cases.revision",
                    ),
                ),
                ("salt", models.CharField(max_length=32)),
                ("content", base.crypto.EncryptedTextField()),
            ],
        ),
        migrations.CreateModel(
            name="Visitor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
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
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visitors",
                        to="cases.visit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "user"), name="visitor_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("planned_on", models.DateField(verbose_name="planned for")),
                ("visitor_count", models.PositiveSmallIntegerField(default=0)),
                ("planned_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "cancel_reason",
                    base.crypto.EncryptedTextField(blank=True, default="", verbose_name="reason"),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visit_plans",
                        to="cases.dossier",
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="cases.visit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("cancelled_at", None), ("visit", None)),
                        fields=["planned_on", "id"],
                        name="visit_plan_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cancelled_at", None), ("visit", None)),
                        fields=("dossier",),
                        name="visit_plan_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("visitor_count__gte", 2)), name="visit_plan_by_two"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("cancelled_at__isnull", False), ("cancelled_by__isnull", False)
                            ),
                            models.Q(
                                ("cancelled_at__isnull", True), ("cancelled_by__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="visit_plan_cancelled_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("visit", None), ("cancelled_at", None), _connector="OR"
                        ),
                        name="visit_plan_made_or_called_off",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlannedVisitor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="planned_visitors",
                        to="cases.visitplan",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "user"), name="planned_visitor_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Document",
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
                            ("SIGNED_FORM", "signed application form"),
                            ("ID_COPY", "copy of ID cards"),
                            ("HOUSEHOLD_BOOK", "household register"),
                            ("INCOME", "proof of income"),
                            ("MEDICAL", "diagnosis or hospital record"),
                            ("RECEIPT", "receipts of expenses"),
                            ("SCHOOL", "proof of schooling"),
                            ("DIPLOMA", "diploma or letter of admission"),
                            ("DISABILITY", "disability certificate"),
                            ("ALLOWANCE", "subsistence allowance certificate"),
                            ("CONTRACT", "labour contract"),
                            ("BANK_CARD", "bank card"),
                            ("UNION_CARD", "union membership card"),
                            ("APPLICATION", "application letter in own hand"),
                            ("COMMITMENT", "commitment on income"),
                            ("AUTHORISATION", "authorisation to verify finances"),
                            ("UNIT_PROOF", "certificate of the unit"),
                            ("UPPER_PROOF", "certificate of the upper union"),
                            ("MINUTES", "minutes of the meeting"),
                            ("NOTICE", "photo of the notice"),
                            ("VISIT", "photo of the visit"),
                            ("HOUSEHOLD_SIGN", "signature of the household visited"),
                            ("VISITOR_SIGN", "signatures of the visitors"),
                            ("VISIT_PAPER", "signed visit record on paper"),
                            ("OTHER", "other proof"),
                        ],
                        max_length=20,
                        verbose_name="kind of proof",
                    ),
                ),
                ("file", models.FileField(upload_to="proofs/", verbose_name="file")),
                ("media_type", models.CharField(max_length=40)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("uploaded_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(editable=False, null=True)),
                (
                    "removed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="cases.dossier",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="cases.visit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "SIGNED_FORM",
                                    "ID_COPY",
                                    "HOUSEHOLD_BOOK",
                                    "INCOME",
                                    "MEDICAL",
                                    "RECEIPT",
                                    "SCHOOL",
                                    "DIPLOMA",
                                    "DISABILITY",
                                    "ALLOWANCE",
                                    "CONTRACT",
                                    "BANK_CARD",
                                    "UNION_CARD",
                                    "APPLICATION",
                                    "COMMITMENT",
                                    "AUTHORISATION",
                                    "UNIT_PROOF",
                                    "UPPER_PROOF",
                                    "MINUTES",
                                    "NOTICE",
                                    "VISIT",
                                    "HOUSEHOLD_SIGN",
                                    "VISITOR_SIGN",
                                    "VISIT_PAPER",
                                    "OTHER",
                                ],
                            )
                        ),
                        name="document_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                            models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="document_removal_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind__in", ["HOUSEHOLD_SIGN", "VISITOR_SIGN", "VISIT_PAPER"]),
                                _negated=True,
                            ),
                            ("visit__isnull", False),
                            _connector="OR",
                        ),
                        name="document_signature_of_a_visit",
                    ),
                    models.UniqueConstraint(
                        fields=("dossier", "sha256"), name="document_once_per_household"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Asset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "gate",
                    models.CharField(
                        choices=[
                            ("LUXURY", "Luxury goods"),
                            ("HOMES", "Two or more homes"),
                            ("VEHICLE", "Motor vehicle"),
                            ("BUSINESS", "Company, shop or employees of its own"),
                            ("SCHOOL_ABROAD", "High-fee school or study abroad"),
                            ("VIOLATION", "Breach of law or discipline by the applicant"),
                        ],
                        max_length=20,
                        verbose_name="question",
                    ),
                ),
                ("present", models.BooleanField(verbose_name="answer")),
                (
                    "evidence",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="evidence"
                    ),
                ),
                (
                    "verified_present",
                    models.BooleanField(null=True, verbose_name="verified answer"),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("DECLARED", "self-reported"),
                            ("DOCUMENTED", "documented"),
                            ("VISITED", "seen on the visit"),
                            ("MATCHED", "matched with data"),
                            ("CONFLICTING", "conflicting"),
                        ],
                        default="DECLARED",
                        max_length=20,
                        verbose_name="how it is known",
                    ),
                ),
                (
                    "exception",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=200,
                        verbose_name="reason of an exception",
                    ),
                ),
                ("excepted_at", models.DateTimeField(null=True)),
                (
                    "excepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.document",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assets",
                        to="cases.dossier",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "gate__in",
                                [
                                    "LUXURY",
                                    "HOMES",
                                    "VEHICLE",
                                    "BUSINESS",
                                    "SCHOOL_ABROAD",
                                    "VIOLATION",
                                ],
                            )
                        ),
                        name="asset_gate_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "basis__in",
                                ["DECLARED", "DOCUMENTED", "VISITED", "MATCHED", "CONFLICTING"],
                            )
                        ),
                        name="asset_basis_known",
                    ),
                    models.UniqueConstraint(
                        fields=("dossier", "gate"), name="asset_once_per_household"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("excepted_at__isnull", False), ("excepted_by__isnull", False)
                            ),
                            models.Q(("excepted_at__isnull", True), ("excepted_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="asset_exception_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("excepted_at", None), ("exception", "")),
                            models.Q(
                                ("excepted_at__isnull", False),
                                models.Q(("exception", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="asset_exception_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("excepted_at", None),
                            models.Q(
                                ("verified_present", True), ("verified_present__isnull", False)
                            ),
                            models.Q(("present", True), ("verified_present", None)),
                            _connector="OR",
                        ),
                        name="asset_exception_to_a_yes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Exit",
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
                        choices=[("RECOVERED", "recovered from hardship"), ("WISH", "at own wish")],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                (
                    "cause_gone",
                    base.crypto.EncryptedTextField(verbose_name="why the cause is gone"),
                ),
                (
                    "above_since",
                    models.DateField(null=True, verbose_name="income above the line since"),
                ),
                ("net_income_fen", models.BigIntegerField(null=True)),
                ("line_fen", models.BigIntegerField(null=True)),
                ("told_on", models.DateField(verbose_name="the household was told on")),
                (
                    "told_how",
                    models.CharField(
                        choices=[
                            ("VISIT", "in person at home"),
                            ("OFFICE", "in person at the union"),
                            ("PHONE", "by phone"),
                            ("LETTER", "by letter"),
                        ],
                        max_length=20,
                        verbose_name="how it was told",
                    ),
                ),
                (
                    "witnesses",
                    base.crypto.EncryptedTextField(null=True, verbose_name="two witnesses"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PROPOSED", "to be confirmed"),
                            ("CONFIRMED", "confirmed"),
                            ("KEPT", "kept on file"),
                        ],
                        default="PROPOSED",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decision",
                    base.crypto.EncryptedTextField(
                        null=True, verbose_name="reason of the decision"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.document",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exits",
                        to="cases.dossier",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.visit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["status", "proposed_at", "id"], name="exit_oldest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["RECOVERED", "WISH"])),
                        name="exit_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("told_how__in", ["VISIT", "OFFICE", "PHONE", "LETTER"])
                        ),
                        name="exit_told_how_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["PROPOSED", "CONFIRMED", "KEPT"])),
                        name="exit_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "RECOVERED"),
                                ("above_since__isnull", False),
                                ("line_fen__isnull", False),
                                ("net_income_fen__isnull", False),
                                ("visit__isnull", False),
                            ),
                            models.Q(
                                models.Q(("kind", "RECOVERED"), _negated=True),
                                ("above_since__isnull", True),
                                ("line_fen__isnull", True),
                                ("net_income_fen__isnull", True),
                                ("visit__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="exit_recovered_is_reckoned",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("status", "PROPOSED"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            models.Q(
                                ("status", "PROPOSED"),
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="exit_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="exit_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "KEPT"), _negated=True),
                            ("decision__isnull", False),
                            _connector="OR",
                        ),
                        name="exit_kept_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("document__isnull", False), ("witnesses__isnull", True)),
                            models.Q(
                                ("document", None),
                                ("kind", "RECOVERED"),
                                ("witnesses__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="exit_signed_or_witnessed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "PROPOSED")),
                        fields=("dossier",),
                        name="exit_one_proposed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("SELF", "the employee"),
                            ("SPOUSE", "spouse"),
                            ("SON", "son"),
                            ("DAUGHTER", "daughter"),
                            ("GRANDCHILD", "grandchild"),
                            ("PARENT", "parent"),
                            ("PARENT_IN_LAW", "parent of the spouse"),
                            ("GRANDPARENT", "grandparent"),
                            ("SIBLING", "brother or sister"),
                            ("OTHER", "other relative"),
                        ],
                        max_length=20,
                        verbose_name="relation",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "sex",
                    models.CharField(
                        choices=[("MALE", "male"), ("FEMALE", "female")],
                        max_length=10,
                        verbose_name="sex",
                    ),
                ),
                ("born_on", models.DateField(verbose_name="date of birth")),
                ("id_number", base.crypto.EncryptedTextField(verbose_name="ID number")),
                ("id_index", models.CharField(max_length=64)),
                ("active", models.BooleanField(default=False)),
                (
                    "left_on",
                    models.DateField(blank=True, null=True, verbose_name="left the household on"),
                ),
                (
                    "occupation",
                    models.CharField(
                        choices=[
                            ("WORKING", "in steady work"),
                            ("CASUAL", "in casual work"),
                            ("UNEMPLOYED", "out of work"),
                            ("RETIRED", "retired"),
                            ("STUDENT", "in school"),
                            ("PRESCHOOL", "under school age"),
                            ("UNABLE", "unable to work"),
                        ],
                        max_length=20,
                        verbose_name="occupation",
                    ),
                ),
                (
                    "workplace",
                    models.CharField(
                        blank=True, default="", max_length=100, verbose_name="workplace or school"
                    ),
                ),
                (
                    "school_level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not in school"),
                            ("COMPULSORY", "compulsory schooling"),
                            ("HIGH_SCHOOL", "high school or vocational school"),
                            ("COLLEGE", "junior college"),
                            ("BACHELOR", "undergraduate"),
                            ("MASTER", "postgraduate"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="schooling",
                    ),
                ),
                (
                    "work_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ON_POST", "at work"),
                            ("OFF_POST", "laid off"),
                            ("JOBLESS", "jobless"),
                            ("RETIRED", "in retirement"),
                            ("SICK_LEAVE", "on sick leave"),
                            ("EARLY", "retired internally"),
                            ("VETERAN", "veteran cadre in retirement"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="state of work",
                    ),
                ),
                (
                    "post",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="post"),
                ),
                (
                    "employer_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("STATE_ORGAN", "state organ or public institution"),
                            ("STATE_COMPANY", "state-owned company"),
                            ("COLLECTIVE", "collective company"),
                            ("PRIVATE", "private company or self-employed"),
                            ("OTHER", "other employer"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="kind of employer",
                    ),
                ),
                (
                    "employer_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NORMAL", "running normally"),
                            ("DIFFICULT", "in difficulties"),
                            ("STOPPED", "production stopped"),
                            ("BANKRUPT", "bankrupt"),
                            ("RESTRUCTURED", "restructured"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="state of the employer",
                    ),
                ),
                (
                    "contract_on",
                    models.DateField(
                        blank=True, null=True, verbose_name="contract or service since"
                    ),
                ),
                (
                    "contract_term",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("HALF_YEAR", "within half a year"),
                            ("ONE_YEAR", "half a year to one year"),
                            ("TWO_YEARS", "two years"),
                            ("THREE_YEARS", "three years"),
                            ("FOUR_YEARS", "four years"),
                            ("FIVE_YEARS", "five years or more"),
                            ("OPEN", "without a term"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="term of contract",
                    ),
                ),
                (
                    "school_since",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="year of starting school"
                    ),
                ),
                (
                    "school_years",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="years of the course"
                    ),
                ),
                (
                    "verified_occupation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("WORKING", "in steady work"),
                            ("CASUAL", "in casual work"),
                            ("UNEMPLOYED", "out of work"),
                            ("RETIRED", "retired"),
                            ("STUDENT", "in school"),
                            ("PRESCHOOL", "under school age"),
                            ("UNABLE", "unable to work"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="verified occupation",
                    ),
                ),
                (
                    "work_basis",
                    models.CharField(
                        choices=[
                            ("DECLARED", "self-reported"),
                            ("DOCUMENTED", "documented"),
                            ("VISITED", "seen on the visit"),
                            ("MATCHED", "matched with data"),
                            ("CONFLICTING", "conflicting"),
                        ],
                        default="DECLARED",
                        max_length=20,
                        verbose_name="how the work is known",
                    ),
                ),
                (
                    "health",
                    models.CharField(
                        choices=[
                            ("GOOD", "good"),
                            ("CANCER", "malignant tumour"),
                            ("HEART", "heart disease"),
                            ("STROKE", "cerebrovascular disease"),
                            ("KIDNEY", "end-stage kidney disease"),
                            ("MENTAL", "mental illness"),
                            ("LIVER", "liver disease"),
                            ("BLOOD", "blood disease"),
                            ("DIABETES", "diabetes"),
                            ("SPINE", "spinal disease"),
                            ("HYPERTENSION", "high blood pressure"),
                            ("LUNG", "lung disease"),
                            ("MINOR", "common illness"),
                            ("PARALYSIS", "permanent paralysis"),
                            ("DEMENTIA", "severe dementia"),
                            ("TUMOUR", "other tumour"),
                            ("COMA", "deep coma"),
                            ("PARKINSON", "severe Parkinson's disease"),
                            ("MOTOR_NEURON", "severe motor neuron disease"),
                            ("DISABLED", "disabled"),
                        ],
                        default="GOOD",
                        max_length=20,
                        verbose_name="health",
                    ),
                ),
                ("ill_this_year", models.BooleanField(default=False, verbose_name="ill this year")),
                (
                    "disability_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("SIGHT", "sight"),
                            ("HEARING", "hearing"),
                            ("SPEECH", "speech"),
                            ("MIND", "intellect"),
                            ("LIMBS", "limbs"),
                            ("MENTAL", "mental disability"),
                            ("MULTIPLE", "several disabilities"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="kind of disability",
                    ),
                ),
                (
                    "disability_grade",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("1", "grade one (very severe)"),
                            ("2", "grade two (severe)"),
                            ("3", "grade three (moderate)"),
                            ("4", "grade four (slight)"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="grade of disability",
                    ),
                ),
                (
                    "verified_health",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("GOOD", "good"),
                            ("CANCER", "malignant tumour"),
                            ("HEART", "heart disease"),
                            ("STROKE", "cerebrovascular disease"),
                            ("KIDNEY", "end-stage kidney disease"),
                            ("MENTAL", "mental illness"),
                            ("LIVER", "liver disease"),
                            ("BLOOD", "blood disease"),
                            ("DIABETES", "diabetes"),
                            ("SPINE", "spinal disease"),
                            ("HYPERTENSION", "high blood pressure"),
                            ("LUNG", "lung disease"),
                            ("MINOR", "common illness"),
                            ("PARALYSIS", "permanent paralysis"),
                            ("DEMENTIA", "severe dementia"),
                            ("TUMOUR", "other tumour"),
                            ("COMA", "deep coma"),
                            ("PARKINSON", "severe Parkinson's disease"),
                            ("MOTOR_NEURON", "severe motor neuron disease"),
                            ("DISABLED", "disabled"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="verified health",
                    ),
                ),
                (
                    "verified_ill_this_year",
                    models.BooleanField(null=True, verbose_name="verified: ill this year"),
                ),
                (
                    "health_basis",
                    models.CharField(
                        choices=[
                            ("DECLARED", "self-reported"),
                            ("DOCUMENTED", "documented"),
                            ("VISITED", "seen on the visit"),
                            ("MATCHED", "matched with data"),
                            ("CONFLICTING", "conflicting"),
                        ],
                        default="DECLARED",
                        max_length=20,
                        verbose_name="how the health is known",
                    ),
                ),
                (
                    "monthly_income_fen",
                    models.BigIntegerField(default=0, verbose_name="monthly income"),
                ),
                (
                    "verified_income_fen",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="verified monthly income"
                    ),
                ),
                (
                    "income_basis",
                    models.CharField(
                        choices=[
                            ("DECLARED", "self-reported"),
                            ("DOCUMENTED", "documented"),
                            ("VISITED", "seen on the visit"),
                            ("MATCHED", "matched with data"),
                            ("CONFLICTING", "conflicting"),
                        ],
                        default="DECLARED",
                        max_length=20,
                        verbose_name="how the income is known",
                    ),
                ),
                (
                    "ethnicity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("HA", "Han"),
                            ("MG", "Mongol"),
                            ("HU", "Hui"),
                            ("ZA", "Tibetan"),
                            ("UG", "Uyghur"),
                            ("MH", "Miao"),
                            ("YI", "Yi"),
                            ("ZH", "Zhuang"),
                            ("BY", "Bouyei"),
                            ("CS", "Korean"),
                            ("MA", "Manchu"),
                            ("DO", "Dong"),
                            ("YA", "Yao"),
                            ("BA", "Bai"),
                            ("TJ", "Tujia"),
                            ("HN", "Hani"),
                            ("KZ", "Kazakh"),
                            ("DA", "Dai"),
                            ("LI", "Li"),
                            ("LS", "Lisu"),
                            ("VA", "Va"),
                            ("SH", "She"),
                            ("GS", "Gaoshan"),
                            ("LH", "Lahu"),
                            ("SU", "Sui"),
                            ("DX", "Dongxiang"),
                            ("NX", "Naxi"),
                            ("JP", "Jingpo"),
                            ("KG", "Kirgiz"),
                            ("TU", "Tu"),
                            ("DU", "Daur"),
                            ("ML", "Mulao"),
                            ("QI", "Qiang"),
                            ("BL", "Blang"),
                            ("SL", "Salar"),
                            ("MN", "Maonan"),
                            ("GL", "Gelao"),
                            ("XB", "Xibe"),
                            ("AC", "Achang"),
                            ("PM", "Pumi"),
                            ("TA", "Tajik"),
                            ("NU", "Nu"),
                            ("UZ", "Uzbek"),
                            ("RS", "Russian"),
                            ("EW", "Ewenki"),
                            ("DE", "Deang"),
                            ("BO", "Bonan"),
                            ("YG", "Yugur"),
                            ("GI", "Gin"),
                            ("TT", "Tatar"),
                            ("DR", "Derung"),
                            ("OR", "Oroqen"),
                            ("HZ", "Hezhen"),
                            ("MB", "Monba"),
                            ("LB", "Lhoba"),
                            ("JN", "Jino"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="ethnic group",
                    ),
                ),
                (
                    "political",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("PARTY", "Party member"),
                            ("PROBATION", "probationary Party member"),
                            ("LEAGUE", "Youth League member"),
                            ("DEMOCRATIC", "member of a democratic party"),
                            ("MASSES", "no party"),
                            ("OTHER", "other affiliation"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="political status",
                    ),
                ),
                (
                    "marital",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("SINGLE", "unmarried"),
                            ("MARRIED", "married"),
                            ("WIDOWED", "widowed"),
                            ("DIVORCED", "divorced"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="marital status",
                    ),
                ),
                (
                    "education",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NONE", "no schooling"),
                            ("PRIMARY", "primary school"),
                            ("JUNIOR", "junior middle school"),
                            ("SENIOR", "senior middle or vocational school"),
                            ("COLLEGE", "junior college degree"),
                            ("BACHELOR", "bachelor's degree"),
                            ("MASTER", "master's degree or higher"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="education",
                    ),
                ),
                (
                    "hukou",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("URBAN", "non-agricultural"),
                            ("RURAL", "agricultural"),
                            ("CONVERTED", "converted from agricultural"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="kind of household registration",
                    ),
                ),
                (
                    "insurance",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("EMPLOYEE", "employees' medical insurance"),
                            ("RESIDENT", "residents' medical insurance"),
                            ("RURAL", "rural cooperative medical scheme"),
                            ("PUBLIC", "publicly funded care"),
                            ("NONE", "not insured"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="medical insurance",
                    ),
                ),
                (
                    "model_worker",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NONE", "not a model worker"),
                            ("NATIONAL", "national model worker"),
                            ("PROVINCE", "provincial or ministerial model worker"),
                            ("CITY", "city model worker"),
                            ("OTHER", "other model worker"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="model worker",
                    ),
                ),
                (
                    "phone",
                    base.crypto.EncryptedTextField(blank=True, default="", verbose_name="phone"),
                ),
                ("phone_index", models.CharField(blank=True, default="", max_length=64)),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="note"),
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
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="cases.dossier",
                    ),
                ),
                (
                    "health_document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.document",
                    ),
                ),
                (
                    "income_document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.document",
                    ),
                ),
                (
                    "work_document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.document",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["id_index"], name="member_id_index"),
                    models.Index(
                        condition=models.Q(("phone_index", ""), _negated=True),
                        fields=["company", "phone_index"],
                        name="member_same_phone",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "relation__in",
                                [
                                    "SELF",
                                    "SPOUSE",
                                    "SON",
                                    "DAUGHTER",
                                    "GRANDCHILD",
                                    "PARENT",
                                    "PARENT_IN_LAW",
                                    "GRANDPARENT",
                                    "SIBLING",
                                    "OTHER",
                                ],
                            )
                        ),
                        name="member_relation_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["MALE", "FEMALE"])), name="member_sex_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "occupation__in",
                                [
                                    "WORKING",
                                    "CASUAL",
                                    "UNEMPLOYED",
                                    "RETIRED",
                                    "STUDENT",
                                    "PRESCHOOL",
                                    "UNABLE",
                                ],
                            )
                        ),
                        name="member_occupation_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "school_level__in",
                                ["", "COMPULSORY", "HIGH_SCHOOL", "COLLEGE", "BACHELOR", "MASTER"],
                            )
                        ),
                        name="member_school_level_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "health__in",
                                [
                                    "GOOD",
                                    "CANCER",
                                    "HEART",
                                    "STROKE",
                                    "KIDNEY",
                                    "MENTAL",
                                    "LIVER",
                                    "BLOOD",
                                    "DIABETES",
                                    "SPINE",
                                    "HYPERTENSION",
                                    "LUNG",
                                    "MINOR",
                                    "PARALYSIS",
                                    "DEMENTIA",
                                    "TUMOUR",
                                    "COMA",
                                    "PARKINSON",
                                    "MOTOR_NEURON",
                                    "DISABLED",
                                ],
                            )
                        ),
                        name="member_health_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "health_basis__in",
                                ["DECLARED", "DOCUMENTED", "VISITED", "MATCHED", "CONFLICTING"],
                            )
                        ),
                        name="member_health_basis_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "income_basis__in",
                                ["DECLARED", "DOCUMENTED", "VISITED", "MATCHED", "CONFLICTING"],
                            )
                        ),
                        name="member_income_basis_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "work_basis__in",
                                ["DECLARED", "DOCUMENTED", "VISITED", "MATCHED", "CONFLICTING"],
                            )
                        ),
                        name="member_work_basis_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "verified_occupation__in",
                                [
                                    "WORKING",
                                    "CASUAL",
                                    "UNEMPLOYED",
                                    "RETIRED",
                                    "STUDENT",
                                    "PRESCHOOL",
                                    "UNABLE",
                                    "",
                                ],
                            )
                        ),
                        name="member_verified_occupation_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "verified_health__in",
                                [
                                    "GOOD",
                                    "CANCER",
                                    "HEART",
                                    "STROKE",
                                    "KIDNEY",
                                    "MENTAL",
                                    "LIVER",
                                    "BLOOD",
                                    "DIABETES",
                                    "SPINE",
                                    "HYPERTENSION",
                                    "LUNG",
                                    "MINOR",
                                    "PARALYSIS",
                                    "DEMENTIA",
                                    "TUMOUR",
                                    "COMA",
                                    "PARKINSON",
                                    "MOTOR_NEURON",
                                    "DISABLED",
                                    "",
                                ],
                            )
                        ),
                        name="member_verified_health_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "work_state__in",
                                [
                                    "ON_POST",
                                    "OFF_POST",
                                    "JOBLESS",
                                    "RETIRED",
                                    "SICK_LEAVE",
                                    "EARLY",
                                    "VETERAN",
                                    "",
                                ],
                            )
                        ),
                        name="member_work_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "employer_kind__in",
                                [
                                    "STATE_ORGAN",
                                    "STATE_COMPANY",
                                    "COLLECTIVE",
                                    "PRIVATE",
                                    "OTHER",
                                    "",
                                ],
                            )
                        ),
                        name="member_employer_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "employer_state__in",
                                ["NORMAL", "DIFFICULT", "STOPPED", "BANKRUPT", "RESTRUCTURED", ""],
                            )
                        ),
                        name="member_employer_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "contract_term__in",
                                [
                                    "HALF_YEAR",
                                    "ONE_YEAR",
                                    "TWO_YEARS",
                                    "THREE_YEARS",
                                    "FOUR_YEARS",
                                    "FIVE_YEARS",
                                    "OPEN",
                                    "",
                                ],
                            )
                        ),
                        name="member_contract_term_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "disability_kind__in",
                                [
                                    "SIGHT",
                                    "HEARING",
                                    "SPEECH",
                                    "MIND",
                                    "LIMBS",
                                    "MENTAL",
                                    "MULTIPLE",
                                    "",
                                ],
                            )
                        ),
                        name="member_disability_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("disability_grade__in", ["1", "2", "3", "4", ""])),
                        name="member_disability_grade_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "ethnicity__in",
                                [
                                    "HA",
                                    "MG",
                                    "HU",
                                    "ZA",
                                    "UG",
                                    "MH",
                                    "YI",
                                    "ZH",
                                    "BY",
                                    "CS",
                                    "MA",
                                    "DO",
                                    "YA",
                                    "BA",
                                    "TJ",
                                    "HN",
                                    "KZ",
                                    "DA",
                                    "LI",
                                    "LS",
                                    "VA",
                                    "SH",
                                    "GS",
                                    "LH",
                                    "SU",
                                    "DX",
                                    "NX",
                                    "JP",
                                    "KG",
                                    "TU",
                                    "DU",
                                    "ML",
                                    "QI",
                                    "BL",
                                    "SL",
                                    "MN",
                                    "GL",
                                    "XB",
                                    "AC",
                                    "PM",
                                    "TA",
                                    "NU",
                                    "UZ",
                                    "RS",
                                    "EW",
                                    "DE",
                                    "BO",
                                    "YG",
                                    "GI",
                                    "TT",
                                    "DR",
                                    "OR",
                                    "HZ",
                                    "MB",
                                    "LB",
                                    "JN",
                                    "",
                                ],
                            )
                        ),
                        name="member_ethnicity_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "political__in",
                                [
                                    "PARTY",
                                    "PROBATION",
                                    "LEAGUE",
                                    "DEMOCRATIC",
                                    "MASSES",
                                    "OTHER",
                                    "",
                                ],
                            )
                        ),
                        name="member_political_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("marital__in", ["SINGLE", "MARRIED", "WIDOWED", "DIVORCED", ""])
                        ),
                        name="member_marital_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "education__in",
                                [
                                    "NONE",
                                    "PRIMARY",
                                    "JUNIOR",
                                    "SENIOR",
                                    "COLLEGE",
                                    "BACHELOR",
                                    "MASTER",
                                    "",
                                ],
                            )
                        ),
                        name="member_education_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hukou__in", ["URBAN", "RURAL", "CONVERTED", ""])),
                        name="member_hukou_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "insurance__in",
                                ["EMPLOYEE", "RESIDENT", "RURAL", "PUBLIC", "NONE", ""],
                            )
                        ),
                        name="member_insurance_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "model_worker__in",
                                ["NONE", "NATIONAL", "PROVINCE", "CITY", "OTHER", ""],
                            )
                        ),
                        name="member_model_worker_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("active", True)),
                        fields=("company", "id_index"),
                        name="member_one_active_household",
                    ),
                    models.UniqueConstraint(
                        fields=("dossier", "id_index"), name="member_once_per_household"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("relation", "SELF")),
                        fields=("dossier",),
                        name="member_one_head",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("monthly_income_fen__gte", 0),
                            models.Q(
                                ("verified_income_fen", None),
                                ("verified_income_fen__gte", 0),
                                _connector="OR",
                            ),
                        ),
                        name="member_income_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
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
                ("number", models.CharField(max_length=30, verbose_name="case number")),
                ("code", models.CharField(max_length=12, unique=True, verbose_name="query code")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("SUBMITTED", "In grassroots review"),
                            ("RETURNED", "Returned for correction"),
                            ("REVIEWED", "Awaiting company verification"),
                            ("VERIFIED", "Ready for the meeting"),
                            ("TABLED", "Before the leadership"),
                            ("APPROVED", "Approved, not yet published"),
                            ("PUBLISHED", "On public notice"),
                            ("HELD", "Objection being handled"),
                            ("CLEARED", "Notice period ended"),
                            ("PAID", "Paid"),
                            ("DECLINED", "Not approved"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        default="DRAFT",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("status_at", models.DateTimeField()),
                ("due_on", models.DateField(null=True, verbose_name="due")),
                ("entered_at", models.DateTimeField()),
                (
                    "event",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ILLNESS", "serious illness"),
                            ("ACCIDENT", "accident"),
                            ("DISASTER", "disaster"),
                            ("BEREAVEMENT", "death in the family"),
                            ("HOLIDAY", "holiday visit"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="event",
                    ),
                ),
                (
                    "event_on",
                    models.DateField(blank=True, null=True, verbose_name="date of the event"),
                ),
                ("spent_fen", models.BigIntegerField(default=0, verbose_name="amount spent")),
                (
                    "reimbursed_fen",
                    models.BigIntegerField(default=0, verbose_name="of it reimbursed"),
                ),
                (
                    "verified_net_fen",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="verified net amount"
                    ),
                ),
                (
                    "asked_fen",
                    models.BigIntegerField(blank=True, null=True, verbose_name="amount asked for"),
                ),
                (
                    "reason",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="reason in own words"
                    ),
                ),
                (
                    "true_statement",
                    models.BooleanField(default=False, verbose_name="declaration signed"),
                ),
                (
                    "may_verify",
                    models.BooleanField(
                        default=False, verbose_name="authorisation to verify signed"
                    ),
                ),
                (
                    "may_publish",
                    models.BooleanField(
                        default=False, verbose_name="consent to publication signed"
                    ),
                ),
                (
                    "no_visit_reason",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="reason for no visit"
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DEEP", "Deep hardship"),
                            ("RELATIVE", "Relative hardship"),
                            ("SUDDEN", "Sudden hardship"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="class",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("SPECIAL", "Special hardship"),
                            ("HEAVY", "Heavy hardship"),
                            ("GENERAL", "General hardship"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="company level",
                    ),
                ),
                (
                    "reference_fen",
                    models.BigIntegerField(null=True, verbose_name="reference amount"),
                ),
                ("proposed_fen", models.BigIntegerField(null=True, verbose_name="proposed amount")),
                (
                    "deviation_reason",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="reason for deviation"
                    ),
                ),
                ("granted_fen", models.BigIntegerField(null=True, verbose_name="decided amount")),
                ("open_objections", models.PositiveSmallIntegerField(default=0)),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="people.person",
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="cases.assessment",
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
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="people.unit",
                        verbose_name="grassroots union",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="cases.dossier",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.member",
                        verbose_name="for whom",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="cases.revision",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="cases.round",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="cases.visit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "-status_at", "-id"], name="case_company_newest"
                    ),
                    models.Index(fields=["unit", "-status_at", "-id"], name="case_unit_newest"),
                    models.Index(
                        fields=["company", "status", "due_on", "id"], name="case_company_due"
                    ),
                    models.Index(fields=["unit", "status", "due_on", "id"], name="case_unit_due"),
                    models.Index(
                        fields=["applicant", "-status_at", "-id"], name="case_applicant_newest"
                    ),
                    models.Index(
                        fields=["company", "programme", "status", "id"],
                        name="case_programme_status",
                    ),
                ],
                "constraints": [
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
                        name="case_programme_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "DRAFT",
                                    "SUBMITTED",
                                    "RETURNED",
                                    "REVIEWED",
                                    "VERIFIED",
                                    "TABLED",
                                    "APPROVED",
                                    "PUBLISHED",
                                    "HELD",
                                    "CLEARED",
                                    "PAID",
                                    "DECLINED",
                                    "WITHDRAWN",
                                ],
                            )
                        ),
                        name="case_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "event__in",
                                ["ILLNESS", "ACCIDENT", "DISASTER", "BEREAVEMENT", "HOLIDAY", ""],
                            )
                        ),
                        name="case_event_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("category__in", ["DEEP", "RELATIVE", "SUDDEN", ""])),
                        name="case_category_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["SPECIAL", "HEAVY", "GENERAL", ""])),
                        name="case_level_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "status__in",
                                    (
                                        "VERIFIED",
                                        "TABLED",
                                        "APPROVED",
                                        "PUBLISHED",
                                        "HELD",
                                        "CLEARED",
                                        "PAID",
                                    ),
                                ),
                                _negated=True,
                            ),
                            models.Q(("programme", "RECOGNITION"), _negated=True),
                            models.Q(
                                models.Q(("category", ""), _negated=True),
                                models.Q(("level", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="case_recognised_has_class",
                    ),
                    models.UniqueConstraint(fields=("company", "number"), name="case_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("round__isnull", False)),
                        fields=("round", "dossier"),
                        name="case_once_per_round",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(
                                ("programme__in", ["REGULAR", "TUITION", "VISIT_GIFT"]),
                                _negated=True,
                            ),
                            (
                                "status__in",
                                [
                                    "DRAFT",
                                    "SUBMITTED",
                                    "RETURNED",
                                    "REVIEWED",
                                    "VERIFIED",
                                    "TABLED",
                                    "APPROVED",
                                    "PUBLISHED",
                                    "HELD",
                                ],
                            ),
                        ),
                        fields=("dossier", "programme"),
                        name="case_one_open_per_programme",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("programme__in", ["TUITION", "VISIT_GIFT"]), ("status", "DRAFT")
                        ),
                        fields=("dossier", "programme"),
                        name="case_one_draft_per_programme",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("programme", "EMERGENCY"),
                            models.Q(("event", ""), _negated=True),
                            models.Q(("status__in", ["DECLINED", "WITHDRAWN"]), _negated=True),
                        ),
                        fields=("patient", "event", "event_on"),
                        name="case_event_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("programme", "VISIT_GIFT"),
                            models.Q(("event", ""), _negated=True),
                            models.Q(("status__in", ["DECLINED", "WITHDRAWN"]), _negated=True),
                        ),
                        fields=("dossier", "event", "event_on"),
                        name="case_gift_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("event", ""),
                            models.Q(
                                ("event__in", ("ILLNESS", "ACCIDENT", "DISASTER")),
                                ("programme", "EMERGENCY"),
                            ),
                            ("programme", "VISIT_GIFT"),
                            _connector="OR",
                        ),
                        name="case_event_fits_programme",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("programme", "REGULAR"), ("round__isnull", False)),
                            models.Q(
                                models.Q(("programme", "REGULAR"), _negated=True), ("round", None)
                            ),
                            _connector="OR",
                        ),
                        name="case_round_iff_regular",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("asked_fen", None), ("asked_fen__gt", 0), _connector="OR"
                        ),
                        name="case_asked_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reimbursed_fen__gte", 0),
                            ("reimbursed_fen__lte", models.F("spent_fen")),
                            ("spent_fen__gte", 0),
                        ),
                        name="case_reimbursed_within_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "status__in",
                                    (
                                        "VERIFIED",
                                        "TABLED",
                                        "APPROVED",
                                        "PUBLISHED",
                                        "HELD",
                                        "CLEARED",
                                        "PAID",
                                    ),
                                ),
                                _negated=True,
                            ),
                            models.Q(
                                ("assessment__isnull", False),
                                ("reference_fen__isnull", False),
                                ("revision__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="case_judged_rests_on_assessment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "status__in",
                                    (
                                        "VERIFIED",
                                        "TABLED",
                                        "APPROVED",
                                        "PUBLISHED",
                                        "HELD",
                                        "CLEARED",
                                        "PAID",
                                    ),
                                ),
                                _negated=True,
                            ),
                            ("visit__isnull", False),
                            models.Q(("no_visit_reason", ""), _negated=True),
                            ("programme", "REGULAR"),
                            _connector="OR",
                        ),
                        name="case_judged_after_visit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "status__in",
                                    (
                                        "VERIFIED",
                                        "TABLED",
                                        "APPROVED",
                                        "PUBLISHED",
                                        "HELD",
                                        "CLEARED",
                                        "PAID",
                                    ),
                                ),
                                _negated=True,
                            ),
                            ("programme", "RECOGNITION"),
                            models.Q(("proposed_fen__gt", 0), ("proposed_fen__isnull", False)),
                            _connector="OR",
                        ),
                        name="case_judged_has_proposal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("granted_fen__gt", 0),
                                ("granted_fen__isnull", False),
                                (
                                    "status__in",
                                    ("APPROVED", "PUBLISHED", "HELD", "CLEARED", "PAID"),
                                ),
                                models.Q(("programme", "RECOGNITION"), _negated=True),
                            ),
                            models.Q(("granted_fen", None), ("programme", "RECOGNITION")),
                            models.Q(
                                models.Q(
                                    (
                                        "status__in",
                                        ("APPROVED", "PUBLISHED", "HELD", "CLEARED", "PAID"),
                                    ),
                                    _negated=True,
                                ),
                                ("granted_fen", None),
                            ),
                            _connector="OR",
                        ),
                        name="case_granted_iff_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "PAID"), _negated=True),
                            models.Q(("programme", "RECOGNITION"), _negated=True),
                            _connector="OR",
                        ),
                        name="case_recognition_pays_nothing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["CLEARED", "PAID"]), _negated=True),
                            ("open_objections", 0),
                            _connector="OR",
                        ),
                        name="case_cleared_without_objection",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "HELD"), _negated=True),
                            ("open_objections__gt", 0),
                            _connector="OR",
                        ),
                        name="case_held_by_objection",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("STABLE", "stable"),
                            ("AT_RISK", "at risk"),
                            ("RELAPSED", "relapsed"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="result",
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("VISIT", "home visit"),
                            ("PHONE", "by phone"),
                            ("PAPERS", "by papers"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="how",
                    ),
                ),
                (
                    "words",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="what was found"
                    ),
                ),
                ("done_on", models.DateField(null=True, verbose_name="done on")),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="cases.dossier",
                    ),
                ),
                (
                    "exit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="cases.exit",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["result", "due_on", "id"], name="follow_up_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("result__in", ["STABLE", "AT_RISK", "RELAPSED", ""])),
                        name="follow_up_result_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["VISIT", "PHONE", "PAPERS", ""])),
                        name="follow_up_how_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("result", ""), _negated=True),
                                ("done_at__isnull", False),
                                ("done_by__isnull", False),
                                ("done_on__isnull", False),
                            ),
                            models.Q(
                                ("result", ""),
                                ("done_at__isnull", True),
                                ("done_by__isnull", True),
                                ("done_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="follow_up_done_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("how", ""), ("result", "")),
                            models.Q(
                                models.Q(("result", ""), _negated=True),
                                models.Q(("how", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="follow_up_done_says_how",
                    ),
                    models.UniqueConstraint(fields=("exit", "due_on"), name="follow_up_once_a_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Expense",
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
                            ("ILLNESS", "illness"),
                            ("DISABILITY", "disability care"),
                            ("SCHOOLING", "schooling"),
                            ("HOUSING", "housing"),
                            ("DISASTER", "accident or disaster"),
                            ("WORK", "necessary cost of work"),
                            ("OTHER", "other"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("spent_on", models.DateField(verbose_name="date")),
                ("gross_fen", models.BigIntegerField(verbose_name="amount spent")),
                (
                    "reimbursed_fen",
                    models.BigIntegerField(default=0, verbose_name="of it reimbursed"),
                ),
                (
                    "verified_net_fen",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="verified net amount"
                    ),
                ),
                (
                    "vouchers",
                    models.PositiveSmallIntegerField(default=0, verbose_name="number of vouchers"),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("DECLARED", "self-reported"),
                            ("DOCUMENTED", "documented"),
                            ("VISITED", "seen on the visit"),
                            ("MATCHED", "matched with data"),
                            ("CONFLICTING", "conflicting"),
                        ],
                        default="DECLARED",
                        max_length=20,
                        verbose_name="how it is known",
                    ),
                ),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="note"),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.document",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="expenses",
                        to="cases.dossier",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="expenses",
                        to="cases.member",
                        verbose_name="for whom",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "ILLNESS",
                                    "DISABILITY",
                                    "SCHOOLING",
                                    "HOUSING",
                                    "DISASTER",
                                    "WORK",
                                    "OTHER",
                                ],
                            )
                        ),
                        name="expense_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "basis__in",
                                ["DECLARED", "DOCUMENTED", "VISITED", "MATCHED", "CONFLICTING"],
                            )
                        ),
                        name="expense_basis_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("gross_fen__gt", 0),
                            ("reimbursed_fen__gte", 0),
                            ("reimbursed_fen__lte", models.F("gross_fen")),
                        ),
                        name="expense_reimbursed_within_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verified_net_fen", None),
                            models.Q(
                                ("verified_net_fen__gte", 0),
                                ("verified_net_fen__lte", models.F("gross_fen")),
                            ),
                            _connector="OR",
                        ),
                        name="expense_verified_within_amount",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("open", "Open the case"),
                            ("submit", "Submit the application"),
                            ("withdraw", "Withdraw the application"),
                            ("give_back", "Return for correction"),
                            ("review", "Record the grassroots review"),
                            ("verify", "Record the company verification"),
                            ("decline", "Do not approve"),
                            ("table", "Put before the meeting"),
                            ("defer", "Defer"),
                            ("recall", "Take back from the meeting"),
                            ("approve", "Approve in the meeting"),
                            ("refuse", "Not approved by the meeting"),
                            ("publish", "Publish"),
                            ("hold", "Take up the objection"),
                            ("release", "Dismiss the objection"),
                            ("reopen", "Uphold the objection"),
                            ("clear", "Confirm that the notice period ended"),
                            ("pay", "Post the payment"),
                            ("bounce", "Record the bank return"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DRAFT", "Draft"),
                            ("SUBMITTED", "In grassroots review"),
                            ("RETURNED", "Returned for correction"),
                            ("REVIEWED", "Awaiting company verification"),
                            ("VERIFIED", "Ready for the meeting"),
                            ("TABLED", "Before the leadership"),
                            ("APPROVED", "Approved, not yet published"),
                            ("PUBLISHED", "On public notice"),
                            ("HELD", "Objection being handled"),
                            ("CLEARED", "Notice period ended"),
                            ("PAID", "Paid"),
                            ("DECLINED", "Not approved"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("SUBMITTED", "In grassroots review"),
                            ("RETURNED", "Returned for correction"),
                            ("REVIEWED", "Awaiting company verification"),
                            ("VERIFIED", "Ready for the meeting"),
                            ("TABLED", "Before the leadership"),
                            ("APPROVED", "Approved, not yet published"),
                            ("PUBLISHED", "On public notice"),
                            ("HELD", "Objection being handled"),
                            ("CLEARED", "Notice period ended"),
                            ("PAID", "Paid"),
                            ("DECLINED", "Not approved"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("EMPLOYEE", "employee or retiree"),
                            ("INFORMANT", "information officer"),
                            ("UNIT_OFFICER", "grassroots union officer"),
                            ("UNIT_CHAIR", "grassroots union chair"),
                            ("COMPANY_OFFICER", "company union officer"),
                            ("COMPANY_CHAIR", "company union chair"),
                            ("SECRETARY", "meeting secretary"),
                            ("LEADER", "member of the leadership"),
                            ("CASHIER", "cashier"),
                            ("ACCOUNTANT", "accountant"),
                            ("DISCIPLINE", "discipline inspection"),
                            ("AUDITOR", "auditor"),
                            ("GROUP", "group union"),
                            ("ADMIN", "system administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=30)),
                ("amount_fen", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="cases.case",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "-at", "-id"], name="step_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "action__in",
                                [
                                    "open",
                                    "submit",
                                    "withdraw",
                                    "give_back",
                                    "review",
                                    "verify",
                                    "decline",
                                    "table",
                                    "defer",
                                    "recall",
                                    "approve",
                                    "refuse",
                                    "publish",
                                    "hold",
                                    "release",
                                    "reopen",
                                    "clear",
                                    "pay",
                                    "bounce",
                                ],
                            )
                        ),
                        name="step_action_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "before__in",
                                [
                                    "DRAFT",
                                    "SUBMITTED",
                                    "RETURNED",
                                    "REVIEWED",
                                    "VERIFIED",
                                    "TABLED",
                                    "APPROVED",
                                    "PUBLISHED",
                                    "HELD",
                                    "CLEARED",
                                    "PAID",
                                    "DECLINED",
                                    "WITHDRAWN",
                                    "",
                                ],
                            )
                        ),
                        name="step_before_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "after__in",
                                [
                                    "DRAFT",
                                    "SUBMITTED",
                                    "RETURNED",
                                    "REVIEWED",
                                    "VERIFIED",
                                    "TABLED",
                                    "APPROVED",
                                    "PUBLISHED",
                                    "HELD",
                                    "CLEARED",
                                    "PAID",
                                    "DECLINED",
                                    "WITHDRAWN",
                                ],
                            )
                        ),
                        name="step_after_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "EMPLOYEE",
                                    "INFORMANT",
                                    "UNIT_OFFICER",
                                    "UNIT_CHAIR",
                                    "COMPANY_OFFICER",
                                    "COMPANY_CHAIR",
                                    "SECRETARY",
                                    "LEADER",
                                    "CASHIER",
                                    "ACCOUNTANT",
                                    "DISCIPLINE",
                                    "AUDITOR",
                                    "GROUP",
                                    "ADMIN",
                                    "",
                                ],
                            )
                        ),
                        name="step_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("action", "open"), ("before", "")),
                            models.Q(
                                models.Q(("action", "open"), _negated=True),
                                models.Q(("before", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="step_before_unless_opening",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("by__isnull", False), ("action", "clear"), _connector="OR"
                        ),
                        name="step_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MedicalForm",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="medical",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("patient_index", models.CharField(max_length=64)),
                (
                    "illness",
                    models.CharField(
                        choices=[
                            ("GOOD", "good"),
                            ("CANCER", "malignant tumour"),
                            ("HEART", "heart disease"),
                            ("STROKE", "cerebrovascular disease"),
                            ("KIDNEY", "end-stage kidney disease"),
                            ("MENTAL", "mental illness"),
                            ("LIVER", "liver disease"),
                            ("BLOOD", "blood disease"),
                            ("DIABETES", "diabetes"),
                            ("SPINE", "spinal disease"),
                            ("HYPERTENSION", "high blood pressure"),
                            ("LUNG", "lung disease"),
                            ("MINOR", "common illness"),
                            ("PARALYSIS", "permanent paralysis"),
                            ("DEMENTIA", "severe dementia"),
                            ("TUMOUR", "other tumour"),
                            ("COMA", "deep coma"),
                            ("PARKINSON", "severe Parkinson's disease"),
                            ("MOTOR_NEURON", "severe motor neuron disease"),
                            ("DISABLED", "disabled"),
                        ],
                        max_length=20,
                        verbose_name="illness",
                    ),
                ),
                (
                    "stays",
                    models.PositiveSmallIntegerField(verbose_name="number of hospital stays"),
                ),
                ("hospital", base.crypto.EncryptedTextField(verbose_name="hospital")),
                ("bills_from", models.DateField(verbose_name="bills from")),
                ("bills_until", models.DateField(verbose_name="bills until")),
                ("total_fen", models.BigIntegerField(verbose_name="all bills together")),
                (
                    "insurance_fen",
                    models.BigIntegerField(default=0, verbose_name="paid by insurance"),
                ),
                ("social_aid_fen", models.BigIntegerField(default=0, verbose_name="social aid")),
                ("unit_aid_fen", models.BigIntegerField(default=0, verbose_name="aid by the unit")),
                (
                    "treatment",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="stays and further treatment"
                    ),
                ),
                (
                    "promise",
                    models.BooleanField(
                        default=False, verbose_name="promise: no receipt is used twice"
                    ),
                ),
                ("ended", models.BooleanField(default=False)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.member",
                        verbose_name="patient",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "patient_index", "bills_from"], name="medical_bills"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "illness__in",
                                [
                                    "GOOD",
                                    "CANCER",
                                    "HEART",
                                    "STROKE",
                                    "KIDNEY",
                                    "MENTAL",
                                    "LIVER",
                                    "BLOOD",
                                    "DIABETES",
                                    "SPINE",
                                    "HYPERTENSION",
                                    "LUNG",
                                    "MINOR",
                                    "PARALYSIS",
                                    "DEMENTIA",
                                    "TUMOUR",
                                    "COMA",
                                    "PARKINSON",
                                    "MOTOR_NEURON",
                                    "DISABLED",
                                ],
                            )
                        ),
                        name="medical_illness_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("illness", "GOOD"), _negated=True),
                        name="medical_somebody_ill",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bills_until__gte", models.F("bills_from"))),
                        name="medical_bills_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("insurance_fen__gte", 0),
                            ("social_aid_fen__gte", 0),
                            ("total_fen__gt", 0),
                            ("unit_aid_fen__gte", 0),
                            (
                                "total_fen__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("insurance_fen"), "+", models.F("social_aid_fen")
                                    ),
                                    "+",
                                    models.F("unit_aid_fen"),
                                ),
                            ),
                        ),
                        name="medical_aid_within_bills",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TuitionForm",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="tuition",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("student_index", models.CharField(max_length=64)),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="school year")),
                ("fresh", models.BooleanField(verbose_name="admitted this year")),
                (
                    "exam_score",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="entrance exam score"
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("", "not in school"),
                            ("COMPULSORY", "compulsory schooling"),
                            ("HIGH_SCHOOL", "high school or vocational school"),
                            ("COLLEGE", "junior college"),
                            ("BACHELOR", "undergraduate"),
                            ("MASTER", "postgraduate"),
                        ],
                        max_length=20,
                        verbose_name="level of the school",
                    ),
                ),
                ("school", models.CharField(max_length=100, verbose_name="school")),
                (
                    "major",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="major"),
                ),
                (
                    "admission",
                    models.CharField(
                        blank=True, default="", max_length=30, verbose_name="admission batch"
                    ),
                ),
                (
                    "course_years",
                    models.PositiveSmallIntegerField(verbose_name="years of the course"),
                ),
                ("admitted_on", models.DateField(verbose_name="admitted on")),
                ("graduates_on", models.DateField(verbose_name="graduates on")),
                ("tuition_fen", models.BigIntegerField(verbose_name="tuition and fees a year")),
                ("loan", models.BooleanField(verbose_name="student loan")),
                ("loan_fen", models.BigIntegerField(default=0, verbose_name="student loan a year")),
                (
                    "other_aid_fen",
                    models.BigIntegerField(default=0, verbose_name="other schooling aid"),
                ),
                (
                    "promise",
                    models.BooleanField(
                        default=False, verbose_name="promise: not helped for the same by others"
                    ),
                ),
                ("ended", models.BooleanField(default=False)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.member",
                        verbose_name="student",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "level__in",
                                ["", "COMPULSORY", "HIGH_SCHOOL", "COLLEGE", "BACHELOR", "MASTER"],
                            )
                        ),
                        name="tuition_level_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["", "COMPULSORY"]), _negated=True),
                        name="tuition_beyond_compulsory",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended", False)),
                        fields=("company", "student_index", "school_year"),
                        name="tuition_once_a_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("other_aid_fen__gte", 0),
                            ("tuition_fen__gt", 0),
                            ("other_aid_fen__lte", models.F("tuition_fen")),
                        ),
                        name="tuition_aid_within_cost",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("loan", True), ("loan_fen__gt", 0)),
                            models.Q(("loan", False), ("loan_fen", 0)),
                            _connector="OR",
                        ),
                        name="tuition_loan_has_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("graduates_on__gt", models.F("admitted_on"))),
                        name="tuition_graduates_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("course_years__gte", 1), ("course_years__lte", 10)),
                        name="tuition_course_years_in_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseDuty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "duty",
                    models.CharField(
                        choices=[
                            ("ENTER", "entered the application"),
                            ("REVIEW", "reviewed it"),
                            ("VERIFY", "verified it"),
                            ("VOTE", "voted on it"),
                            ("PREPARE", "prepared the payment"),
                            ("POST", "posted the payment"),
                            ("OBJECTION", "handled an objection to it"),
                            ("AUDIT", "audited it"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to="cases.case",
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
                "indexes": [models.Index(fields=["user", "case"], name="duty_of_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "duty__in",
                                [
                                    "ENTER",
                                    "REVIEW",
                                    "VERIFY",
                                    "VOTE",
                                    "PREPARE",
                                    "POST",
                                    "OBJECTION",
                                    "AUDIT",
                                ],
                            )
                        ),
                        name="duty_known",
                    ),
                    models.UniqueConstraint(
                        fields=("case", "user"), name="duty_one_per_person_and_case"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Incident",
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
                            ("HOSPITAL", "hospital stay"),
                            ("DEATH", "death in the family"),
                            ("SUDDEN", "sudden event"),
                        ],
                        max_length=20,
                        verbose_name="what happened",
                    ),
                ),
                (
                    "concerns",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("SELF", "the employee"),
                            ("SPOUSE", "spouse"),
                            ("SON", "son"),
                            ("DAUGHTER", "daughter"),
                            ("GRANDCHILD", "grandchild"),
                            ("PARENT", "parent"),
                            ("PARENT_IN_LAW", "parent of the spouse"),
                            ("GRANDPARENT", "grandparent"),
                            ("SIBLING", "brother or sister"),
                            ("OTHER", "other relative"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="to whom",
                    ),
                ),
                ("happened_on", models.DateField(verbose_name="date of the event")),
                (
                    "place",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="hospital or place"
                    ),
                ),
                (
                    "words",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="in a few words"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("REPORTED", "to be visited"),
                            ("VISITED", "visited"),
                            ("NOT_VISITED", "not visited"),
                            ("CLOSED", "closed"),
                        ],
                        default="REPORTED",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("reported_at", models.DateTimeField()),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("EMPLOYEE", "employee or retiree"),
                            ("INFORMANT", "information officer"),
                            ("UNIT_OFFICER", "grassroots union officer"),
                            ("UNIT_CHAIR", "grassroots union chair"),
                            ("COMPANY_OFFICER", "company union officer"),
                            ("COMPANY_CHAIR", "company union chair"),
                            ("SECRETARY", "meeting secretary"),
                            ("LEADER", "member of the leadership"),
                            ("CASHIER", "cashier"),
                            ("ACCOUNTANT", "accountant"),
                            ("DISCIPLINE", "discipline inspection"),
                            ("AUDITOR", "auditor"),
                            ("GROUP", "group union"),
                            ("ADMIN", "system administrator"),
                        ],
                        max_length=20,
                        verbose_name="reported as",
                    ),
                ),
                ("report_days", models.PositiveIntegerField()),
                ("due_on", models.DateField(verbose_name="visit due")),
                ("visited_on", models.DateField(null=True, verbose_name="date of the visit")),
                ("visit_days", models.PositiveIntegerField(null=True)),
                ("visitor_count", models.PositiveSmallIntegerField(default=0)),
                (
                    "help_given",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="help given"
                    ),
                ),
                (
                    "needs",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="what is needed"
                    ),
                ),
                ("visited_at", models.DateTimeField(null=True)),
                (
                    "skip_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DECLINED", "the family did not wish it"),
                            ("AWAY", "out of town"),
                            ("OTHER", "another reason"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="reason for no visit",
                    ),
                ),
                (
                    "skip_words",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="reason in words"
                    ),
                ),
                ("skipped_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NOTHING", "nothing further"),
                            ("APPLIED", "led to an application"),
                            ("REFERRED", "passed on to another service"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="what came of it",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="cases.case",
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
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="people.person",
                        verbose_name="employee",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "skipped_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="people.unit",
                        verbose_name="grassroots union",
                    ),
                ),
                (
                    "visited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="cases.visit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "-happened_on", "-id"], name="incident_company_newest"
                    ),
                    models.Index(
                        fields=["unit", "-happened_on", "-id"], name="incident_unit_newest"
                    ),
                    models.Index(
                        fields=["reported_by", "-reported_at", "-id"], name="incident_reporter"
                    ),
                    models.Index(
                        fields=["company", "status", "due_on", "id"], name="incident_company_due"
                    ),
                    models.Index(
                        fields=["unit", "status", "due_on", "id"], name="incident_unit_due"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["HOSPITAL", "DEATH", "SUDDEN"])),
                        name="incident_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "concerns__in",
                                [
                                    "SELF",
                                    "SPOUSE",
                                    "SON",
                                    "DAUGHTER",
                                    "GRANDCHILD",
                                    "PARENT",
                                    "PARENT_IN_LAW",
                                    "GRANDPARENT",
                                    "SIBLING",
                                    "OTHER",
                                    "",
                                ],
                            )
                        ),
                        name="incident_concerns_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["REPORTED", "VISITED", "NOT_VISITED", "CLOSED"])
                        ),
                        name="incident_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "EMPLOYEE",
                                    "INFORMANT",
                                    "UNIT_OFFICER",
                                    "UNIT_CHAIR",
                                    "COMPANY_OFFICER",
                                    "COMPANY_CHAIR",
                                    "SECRETARY",
                                    "LEADER",
                                    "CASHIER",
                                    "ACCOUNTANT",
                                    "DISCIPLINE",
                                    "AUDITOR",
                                    "GROUP",
                                    "ADMIN",
                                ],
                            )
                        ),
                        name="incident_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("skip_reason__in", ["DECLINED", "AWAY", "OTHER", ""])),
                        name="incident_skip_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["NOTHING", "APPLIED", "REFERRED", ""])),
                        name="incident_outcome_known",
                    ),
                    models.UniqueConstraint(
                        fields=("person", "kind", "happened_on"), name="incident_reported_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("visit_days__isnull", False),
                                ("visited_at__isnull", False),
                                ("visited_by__isnull", False),
                                ("visited_on__isnull", False),
                            ),
                            models.Q(
                                ("visit_days__isnull", True),
                                ("visited_at__isnull", True),
                                ("visited_by__isnull", True),
                                ("visited_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="incident_visit_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("visit", None), ("visited_on", None), ("visitor_count", 0)),
                            models.Q(("visited_on__isnull", False), ("visitor_count__gte", 2)),
                            _connector="OR",
                        ),
                        name="incident_visited_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("skip_reason", ""), ("skipped_at", None), ("skipped_by", None)
                            ),
                            models.Q(
                                models.Q(("skip_reason", ""), _negated=True),
                                ("skipped_at__isnull", False),
                                ("skipped_by__isnull", False),
                                ("visited_on", None),
                            ),
                            _connector="OR",
                        ),
                        name="incident_skip_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status", "CLOSED"),
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                            ),
                            models.Q(
                                models.Q(("status", "CLOSED"), _negated=True),
                                ("closed_at__isnull", True),
                                ("closed_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="incident_close_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status", "CLOSED"), models.Q(("outcome", ""), _negated=True)
                            ),
                            models.Q(
                                models.Q(("status", "CLOSED"), _negated=True), ("outcome", "")
                            ),
                            _connector="OR",
                        ),
                        name="incident_closed_has_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("skip_reason", ""), ("status", "REPORTED"), ("visited_on", None)
                            ),
                            models.Q(("status", "VISITED"), ("visited_on__isnull", False)),
                            models.Q(
                                ("status", "NOT_VISITED"),
                                models.Q(("skip_reason", ""), _negated=True),
                            ),
                            models.Q(("status", "CLOSED"), ("visited_on__isnull", False)),
                            models.Q(
                                ("status", "CLOSED"), models.Q(("skip_reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="incident_status_says_what_was_done",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "APPLIED"), _negated=True),
                            ("case__isnull", False),
                            _connector="OR",
                        ),
                        name="incident_applied_has_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=70, verbose_name="name")),
                ("amount_fen", models.BigIntegerField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice_lines",
                        to="cases.case",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="cases.notice",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "case"), name="notice_line_once"),
                    models.UniqueConstraint(fields=("notice", "seq"), name="notice_line_seq_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Screening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "question",
                    models.CharField(
                        choices=[
                            ("EARNERS", "Employed members of the household"),
                            ("INCOME", "Income of the household"),
                            ("SEVERITY", "Severity of the illness"),
                            ("LUXURY", "Luxury goods"),
                            ("ILL_THIS_YEAR", "Ill this year"),
                            ("VIOLATION", "Breach of law or discipline"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("FITS", "meets the rule"),
                            ("FAILS", "does not meet the rule"),
                            ("OPEN", "to be verified by the company union"),
                        ],
                        max_length=20,
                    ),
                ),
                ("note", base.crypto.EncryptedTextField(blank=True, default="")),
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="screenings",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "question__in",
                                [
                                    "EARNERS",
                                    "INCOME",
                                    "SEVERITY",
                                    "LUXURY",
                                    "ILL_THIS_YEAR",
                                    "VIOLATION",
                                ],
                            )
                        ),
                        name="screening_question_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ["FITS", "FAILS", "OPEN"])),
                        name="screening_answer_known",
                    ),
                    models.UniqueConstraint(fields=("case", "question"), name="screening_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SimulationLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("IN_SERVICE", "employee in service"),
                            ("RETIRED", "retiree"),
                            ("PAID_OFF", "person with paid-off contract"),
                        ],
                        max_length=20,
                        verbose_name="standing",
                    ),
                ),
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
                    "move",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "class or level changes"),
                            (2, "the amount changes"),
                            (3, "only the score changes"),
                            (4, "nothing changes"),
                        ],
                        verbose_name="what changes",
                    ),
                ),
                (
                    "category_before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DEEP", "Deep hardship"),
                            ("RELATIVE", "Relative hardship"),
                            ("SUDDEN", "Sudden hardship"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "category_after",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DEEP", "Deep hardship"),
                            ("RELATIVE", "Relative hardship"),
                            ("SUDDEN", "Sudden hardship"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "level_before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("SPECIAL", "Special hardship"),
                            ("HEAVY", "Heavy hardship"),
                            ("GENERAL", "General hardship"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "level_after",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("SPECIAL", "Special hardship"),
                            ("HEAVY", "Heavy hardship"),
                            ("GENERAL", "General hardship"),
                        ],
                        max_length=20,
                    ),
                ),
                ("score_before", models.PositiveSmallIntegerField()),
                ("score_after", models.PositiveSmallIntegerField()),
                ("reference_before_fen", models.BigIntegerField()),
                ("reference_after_fen", models.BigIntegerField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.dossier",
                    ),
                ),
                (
                    "simulation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="cases.simulation",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["simulation", "move", "id"], name="simulation_line_movers"
                    ),
                    models.Index(
                        fields=["simulation", "unit", "move", "id"], name="simulation_line_unit"
                    ),
                    models.Index(
                        fields=["simulation", "standing", "move", "id"],
                        name="simulation_line_standing",
                    ),
                    models.Index(
                        fields=["simulation", "dossier", "case"], name="simulation_line_newest"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("standing__in", ["IN_SERVICE", "RETIRED", "PAID_OFF"])),
                        name="simulation_line_standing_known",
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
                        name="simulation_line_programme_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("move__in", [1, 2, 3, 4])),
                        name="simulation_line_move_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("category_before__in", ["DEEP", "RELATIVE", "SUDDEN", ""])
                        ),
                        name="simulation_line_class_was",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("category_after__in", ["DEEP", "RELATIVE", "SUDDEN", ""])
                        ),
                        name="simulation_line_class_is",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("level_before__in", ["SPECIAL", "HEAVY", "GENERAL", ""])
                        ),
                        name="simulation_line_level_was",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("level_after__in", ["SPECIAL", "HEAVY", "GENERAL", ""])
                        ),
                        name="simulation_line_level_is",
                    ),
                    models.UniqueConstraint(
                        fields=("simulation", "case"), name="simulation_line_case_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Gift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=100, verbose_name="goods")),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
                ("unit_fen", models.BigIntegerField(verbose_name="value of one")),
                ("value_fen", models.BigIntegerField(verbose_name="value")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PLANNED", "planned"),
                            ("GIVEN", "given"),
                            ("NOT_GIVEN", "not given"),
                        ],
                        default="PLANNED",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("planned_at", models.DateTimeField()),
                ("given_on", models.DateField(null=True, verbose_name="given on")),
                ("giver_count", models.PositiveSmallIntegerField(default=0)),
                (
                    "place",
                    base.crypto.EncryptedTextField(blank=True, default="", verbose_name="place"),
                ),
                (
                    "talk",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="what was said"
                    ),
                ),
                ("signed", models.BooleanField(default=False, verbose_name="signed for")),
                (
                    "reason",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="reason why not given"
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
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
                (
                    "planned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gifts",
                        to="people.person",
                        verbose_name="recipient",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gifts",
                        to="people.unit",
                        verbose_name="grassroots union",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gifts",
                        to="cases.giftround",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gifts",
                        to="cases.incident",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["round", "unit", "id"], name="gift_round_unit"),
                    models.Index(
                        fields=["round", "status", "unit", "id"], name="gift_round_status"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["PLANNED", "GIVEN", "NOT_GIVEN"])),
                        name="gift_status_known",
                    ),
                    models.UniqueConstraint(
                        fields=("round", "recipient"), name="gift_once_per_round"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gt", 0),
                            ("unit_fen__gt", 0),
                            (
                                "value_fen",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("quantity"), "*", models.F("unit_fen")
                                ),
                            ),
                        ),
                        name="gift_value_is_quantity_times_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("given_on__isnull", False),
                                ("giver_count__gte", 1),
                                ("status", "GIVEN"),
                            ),
                            models.Q(
                                models.Q(("status", "GIVEN"), _negated=True),
                                ("given_on", None),
                                ("giver_count", 0),
                                ("signed", False),
                            ),
                            _connector="OR",
                        ),
                        name="gift_given_by_somebody_on_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("closed_by__isnull", False)),
                            models.Q(("closed_at__isnull", True), ("closed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="gift_close_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("status", "PLANNED")),
                            models.Q(
                                models.Q(("status", "PLANNED"), _negated=True),
                                ("closed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="gift_planned_is_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentVisitor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visitors",
                        to="cases.incident",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
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
                    models.UniqueConstraint(
                        fields=("incident", "user"), name="incident_visitor_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Clearance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("notice_ends_on", models.DateField()),
                ("cleared_on", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clearances",
                        to="cases.case",
                    ),
                ),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clearance",
                        to="cases.noticeline",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("cleared_on__gt", models.F("notice_ends_on"))),
                        name="clearance_after_the_notice",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=12, unique=True, verbose_name="receipt code")),
                ("facts", base.crypto.EncryptedTextField(verbose_name="facts")),
                (
                    "name",
                    base.crypto.EncryptedTextField(blank=True, default="", verbose_name="name"),
                ),
                (
                    "contact",
                    base.crypto.EncryptedTextField(blank=True, default="", verbose_name="contact"),
                ),
                ("filed_at", models.DateTimeField()),
                ("due_on", models.DateField(verbose_name="answer due")),
                ("taken_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("DISMISSED", "dismissed"), ("UPHELD", "upheld")],
                        default="",
                        max_length=20,
                        verbose_name="outcome",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="cases.case",
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
                    "handler",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="cases.noticeline",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "closed_at", "due_on", "id"], name="objection_due"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["DISMISSED", "UPHELD", ""])),
                        name="objection_outcome_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handler__isnull", False), ("taken_at__isnull", False)),
                            models.Q(("handler__isnull", True), ("taken_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="objection_taken_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("outcome", "")),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("handler__isnull", False),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="objection_closed_complete",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="opinion",
                        serialize=False,
                        to="cases.step",
                    ),
                ),
                ("words", base.crypto.EncryptedTextField(verbose_name="opinion")),
            ],
        ),
        migrations.CreateModel(
            name="Referral",
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
                            ("HOTLINE", "12351 workers' hotline"),
                            ("LEGAL", "legal aid"),
                            ("JOB", "job introduction"),
                            ("POLICY", "policy advice"),
                            ("MUTUAL", "medical mutual insurance"),
                            ("CENTRE", "help centre of the upper union"),
                        ],
                        max_length=20,
                        verbose_name="passed on to",
                    ),
                ),
                ("words", base.crypto.EncryptedTextField(verbose_name="what for")),
                (
                    "contact",
                    models.CharField(
                        blank=True, default="", max_length=100, verbose_name="contact there"
                    ),
                ),
                (
                    "work_order",
                    models.CharField(
                        blank=True, default="", max_length=60, verbose_name="work order number"
                    ),
                ),
                ("passed_at", models.DateTimeField()),
                ("due_on", models.DateField(verbose_name="answer due")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("OPEN", "passed on, no answer yet"),
                            ("ANSWERED", "answered"),
                            ("CLOSED", "closed"),
                        ],
                        default="OPEN",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("answered_on", models.DateField(null=True, verbose_name="answered on")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("HELPED", "helped"),
                            ("PARTLY", "helped in part"),
                            ("NOT_HELPED", "not helped"),
                            ("WITHDRAWN", "withdrawn by the worker"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "answer",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="the answer"
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("called_on", models.DateField(null=True, verbose_name="called back on")),
                (
                    "satisfaction",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("GOOD", "satisfied"),
                            ("FAIR", "fairly satisfied"),
                            ("BAD", "not satisfied"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="what the worker says",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
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
                        related_name="referrals",
                        to="cases.case",
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
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
                        to="cases.dossier",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
                        to="cases.incident",
                    ),
                ),
                (
                    "passed_by",
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
                        related_name="referrals",
                        to="people.person",
                        verbose_name="employee",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
                        to="people.unit",
                        verbose_name="grassroots union",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "-passed_at", "-id"], name="referral_company_newest"
                    ),
                    models.Index(fields=["unit", "-passed_at", "-id"], name="referral_unit_newest"),
                    models.Index(
                        fields=["passed_by", "status", "due_on"], name="referral_passed_by_due"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["HOTLINE", "LEGAL", "JOB", "POLICY", "MUTUAL", "CENTRE"])
                        ),
                        name="referral_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["OPEN", "ANSWERED", "CLOSED"])),
                        name="referral_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["HELPED", "PARTLY", "NOT_HELPED", "WITHDRAWN", ""])
                        ),
                        name="referral_outcome_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("satisfaction__in", ["GOOD", "FAIR", "BAD", ""])),
                        name="referral_satisfaction_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                ("answered_on__isnull", False),
                            ),
                            models.Q(
                                ("answered_at__isnull", True),
                                ("answered_by__isnull", True),
                                ("answered_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="referral_answer_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_on", None), ("outcome", ""), ("status", "OPEN")),
                            models.Q(
                                models.Q(("status", "OPEN"), _negated=True),
                                ("answered_on__isnull", False),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="referral_answered_has_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("closed_by__isnull", False)),
                            models.Q(("closed_at__isnull", True), ("closed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="referral_close_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("status", "CLOSED")),
                            models.Q(
                                models.Q(("status", "CLOSED"), _negated=True), ("closed_at", None)
                            ),
                            _connector="OR",
                        ),
                        name="referral_closed_has_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("called_on", None), ("satisfaction", "")),
                            models.Q(
                                ("called_on__isnull", False),
                                ("status", "CLOSED"),
                                models.Q(("satisfaction", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="referral_call_has_answer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GiftGiver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "gift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="givers",
                        to="cases.gift",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
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
                    models.UniqueConstraint(fields=("gift", "user"), name="gift_giver_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("words", base.crypto.EncryptedTextField(verbose_name="answer")),
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
                    "objection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer",
                        to="cases.objection",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(upload_to="receipts/", verbose_name="file")),
                ("media_type", models.CharField(max_length=40)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("uploaded_at", models.DateTimeField()),
                (
                    "gift",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="cases.gift",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="cases.giftround",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "sha256"), name="receipt_once_per_round"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="dossier",
            name="other_income_document",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.document",
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="case",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="cases.case",
            ),
        ),
    ]
