import base.crypto
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("people", "0001_initial"), ("people", "0002_report_purpose")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Holiday",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(unique=True, verbose_name="date")),
                (
                    "kind",
                    models.CharField(
                        choices=[("OFF", "day off"), ("WORKING", "working day")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="name")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["OFF", "WORKING"])),
                        name="holiday_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Unit",
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
                            ("GROUP", "group union"),
                            ("COMPANY", "company union"),
                            ("GRASSROOTS", "grassroots union"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("code", models.CharField(max_length=20, verbose_name="code")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("path", models.CharField(max_length=200, unique=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["GROUP", "COMPANY", "GRASSROOTS"])),
                        name="unit_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "GROUP"), ("parent__isnull", True)),
                            ("kind", "COMPANY"),
                            models.Q(("kind", "GRASSROOTS"), ("parent__isnull", False)),
                            _connector="OR",
                        ),
                        name="unit_parent_matches_kind",
                    ),
                    models.UniqueConstraint(
                        fields=("parent", "name"), name="unit_name_once_per_parent"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "username",
                    models.CharField(max_length=60, unique=True, verbose_name="user name"),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("staff_no", models.CharField(max_length=20, verbose_name="staff number")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("name_pinyin", models.CharField(max_length=200)),
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
                    "monthly_income_fen",
                    models.BigIntegerField(default=0, verbose_name="monthly income"),
                ),
                (
                    "phone",
                    base.crypto.EncryptedTextField(blank=True, default="", verbose_name="phone"),
                ),
                ("phone_index", models.CharField(blank=True, default="", max_length=64)),
                (
                    "bank",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="bank"),
                ),
                (
                    "branch",
                    models.CharField(
                        blank=True, default="", max_length=100, verbose_name="bank branch"
                    ),
                ),
                (
                    "account_name",
                    models.CharField(
                        blank=True, default="", max_length=60, verbose_name="account name"
                    ),
                ),
                (
                    "account",
                    base.crypto.EncryptedTextField(
                        blank=True, default="", verbose_name="account number"
                    ),
                ),
                ("account_index", models.CharField(blank=True, default="", max_length=64)),
                ("account_changed_at", models.DateTimeField(null=True)),
                ("joined_on", models.DateField(blank=True, null=True, verbose_name="joined on")),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="left on")),
                ("died_on", models.DateField(blank=True, null=True, verbose_name="died on")),
                (
                    "account_changed_by",
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
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="persons",
                        to="people.unit",
                        verbose_name="grassroots union",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "name_pinyin", "id"], name="person_company_pinyin"
                    ),
                    models.Index(fields=["unit", "name_pinyin", "id"], name="person_unit_pinyin"),
                    models.Index(fields=["account_index"], name="person_account"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["MALE", "FEMALE"])), name="person_sex_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("standing__in", ["IN_SERVICE", "RETIRED", "PAID_OFF"])),
                        name="person_standing_known",
                    ),
                    models.UniqueConstraint(
                        fields=("company", "staff_no"), name="person_staff_no_once"
                    ),
                    models.UniqueConstraint(
                        fields=("company", "id_index"), name="person_id_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("monthly_income_fen__gte", 0)),
                        name="person_income_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("account_changed_by__isnull", True),
                            ("account_changed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="person_account_change_has_moment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RosterImport",
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
                    models.Index(
                        fields=["company", "-uploaded_at", "-id"], name="roster_import_newest"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["CHECKED", "REFUSED", "RUNNING", "DONE"])
                        ),
                        name="roster_import_status_known",
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
                        name="roster_import_done_has_moment",
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
                        name="roster_import_confirmation_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["RUNNING", "DONE"]), _negated=True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="roster_import_runs_when_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("rows"))),
                        name="roster_import_done_within_rows",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "RUNNING")),
                        fields=("company",),
                        name="roster_import_one_running",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("PERSON", "person"),
                            ("HOUSEHOLD", "household"),
                            ("CASE", "case"),
                            ("DOCUMENT", "document"),
                            ("PAYMENTS", "payment list"),
                            ("EXPORT", "export"),
                        ],
                        max_length=20,
                    ),
                ),
                ("subject_pk", models.BigIntegerField()),
                ("fields", models.CharField(max_length=200)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("REVIEW", "to review the application"),
                            ("VISIT", "to visit the household"),
                            ("PAYMENT", "to pay or to check an account"),
                            ("CORRECTION", "to correct a mistake in the file"),
                            ("AUDIT", "for the audit"),
                            ("REQUEST", "at the request of the person"),
                            ("REPORT", "to report to the upper union"),
                        ],
                        max_length=20,
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
                    models.Index(fields=["company", "-at", "-id"], name="disclosure_newest"),
                    models.Index(fields=["subject", "subject_pk"], name="disclosure_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "subject__in",
                                ["PERSON", "HOUSEHOLD", "CASE", "DOCUMENT", "PAYMENTS", "EXPORT"],
                            )
                        ),
                        name="disclosure_subject_known",
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
                                ],
                            )
                        ),
                        name="disclosure_purpose_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
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
                            ("ADMIN", "system administrator"),
                            ("GROUP", "group union"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("since", models.DateField(verbose_name="since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="until")),
                ("appointed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "appointed_by",
                    models.ForeignKey(
                        null=True,
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-since", "-id"], name="appointment_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
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
                                    "ADMIN",
                                    "GROUP",
                                ],
                            )
                        ),
                        name="appointment_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until", None), ("until__gte", models.F("since")), _connector="OR"
                        ),
                        name="appointment_ends_after_it_began",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="appointment_end_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("appointed_by", None),
                            models.Q(("appointed_by", models.F("user")), _negated=True),
                            _connector="OR",
                        ),
                        name="appointment_by_another",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("user", "role", "unit"),
                        name="appointment_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Kinship",
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
                ("name", base.crypto.EncryptedTextField(verbose_name="name")),
                ("id_index", models.CharField(max_length=64)),
                ("registered_at", models.DateTimeField()),
                (
                    "registered_by",
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
                        related_name="relatives",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["id_index"], name="kinship_id_index")],
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
                        name="kinship_relation_known",
                    ),
                    models.UniqueConstraint(fields=("user", "id_index"), name="kinship_once"),
                ],
            },
        ),
        migrations.AddField(
            model_name="user",
            name="person",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="user",
                to="people.person",
            ),
        ),
    ]
