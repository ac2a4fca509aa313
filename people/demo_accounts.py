"""The sign-ins of the demonstration: one for each role, none of them anywhere else."""

from people.roles import Role

PASSWORD = "demo"

# user name, role; in the order in which a case passes through their hands
ACCOUNTS = (
    ("employee", Role.EMPLOYEE),
    ("informant", Role.INFORMANT),
    ("unit-officer", Role.UNIT_OFFICER),
    ("unit-chair", Role.UNIT_CHAIR),
    ("company-officer", Role.COMPANY_OFFICER),
    ("company-chair", Role.COMPANY_CHAIR),
    ("secretary", Role.SECRETARY),
    ("leader-1", Role.LEADER),
    ("leader-2", Role.LEADER),
    ("leader-3", Role.LEADER),
    ("leader-4", Role.LEADER),
    ("leader-5", Role.LEADER),
    ("discipline", Role.DISCIPLINE),
    ("cashier", Role.CASHIER),
    ("accountant", Role.ACCOUNTANT),
    ("auditor", Role.AUDITOR),
    ("admin", Role.ADMIN),
)
USERNAMES = frozenset(username for username, _role in ACCOUNTS)
