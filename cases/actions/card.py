"""The whole household form saved at once, as an officer copies it from paper."""

from django.db import transaction

from cases.actions.household import (
    answer_gates,
    fill_in,
    remove_expense,
    remove_member,
    remove_supporter,
    save_expense,
    save_member,
    save_supporter,
)


@transaction.atomic
def save_card(
    *, dossier, by, at, header, personal, members=(), supporters=(), expenses=(), answers=None
):
    """Everything on the form in one transaction: all of it, or nothing.

    `members`, `supporters`, `expenses`: (row or None, columns), one for each changed or new line;
    columns None take the row off. An expense names its member by name under "whom".
    """
    fill_in(dossier=dossier, by=by, at=at, header=header, personal=personal)
    for member, columns in members:
        if columns is None:
            remove_member(member=member, by=by, at=at)
        else:
            save_member(dossier=dossier, by=by, at=at, member=member, **columns)
    for supporter, columns in supporters:
        if columns is None:
            remove_supporter(supporter=supporter, by=by, at=at)
        else:
            save_supporter(dossier=dossier, by=by, at=at, supporter=supporter, **columns)
    named = {member.name: member for member in dossier.members.filter(left_on=None)}
    for expense, columns in expenses:
        if columns is None:
            remove_expense(expense=expense, by=by, at=at)
        else:
            member = named.get(columns["whom"])
            rest = {name: value for name, value in columns.items() if name != "whom"}
            save_expense(
                dossier=dossier, by=by, at=at, expense=expense, member=member, **rest
            )  # fmt: skip
    if answers:
        answer_gates(dossier=dossier, by=by, at=at, answers=answers)
