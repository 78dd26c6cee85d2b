"""The verbs by which somebody keeps a list of cases under a name. It is about no case, and leaves no event."""

from __future__ import annotations

import uuid

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.actions import NotAllowed
from wagtail_harassment.casework.listing import CaseFilterSet
from wagtail_harassment.casework.models import Audience, Every, ListMail, Role, SavedList, Team
from wagtail_harassment.casework.roles import CASE_ROLES

__all__ = [
    "MOST",
    "SHOWN",
    "as_seen",
    "change",
    "delete",
    "keep",
    "kept_query",
    "may_change",
    "shown_to",
    "teams_of",
    "tell_by_mail",
    "there_for",
]

#: Lists that one person may keep.
MOST = 10
#: Lists that are shown above the cases and on the home page: one's own, and those shared by others.
SHOWN = 20
#: The one filter that no list is kept with: it would tell of a case to those for whom there is none.
REFERENCE = "q"


def there_for(user: AbstractBaseUser) -> QuerySet[SavedList]:
    """The lists that somebody has: their own, those of their teams, and those for everybody. No query yet."""
    through = Team.members.through.objects.filter(team=OuterRef("team"), user=user.pk)
    return SavedList.objects.filter(
        Q(owner=user.pk) | Q(audience=Audience.ALL) | Q(Exists(through), audience=Audience.TEAM)
    )


def shown_to(user: AbstractBaseUser, most: int | None = SHOWN) -> list[SavedList]:
    """Those lists, with filters as this person has them: to whom a list names, they are "me". One query."""
    rows = list(there_for(user).select_related("owner", "team")[:most])
    for row in rows:
        row.query = as_seen(row.query, user)
    return rows


def as_seen(query: str, user: AbstractBaseUser) -> str:
    """A list's filters as its address has them for somebody: the choices of the list call oneself "me"."""
    given = QueryDict(query, mutable=True)
    if given.get("assignee") == str(user.pk):
        given["assignee"] = "me"
    return given.urlencode()


def may_change(user: AbstractBaseUser, row: SavedList) -> bool:
    """Whether somebody may rename, share or delete a list: whose it is, and of one that is shared, a case lead."""
    if row.owner_id == user.pk:
        return True
    return row.audience != Audience.ME and policy.holds(user, Role.CASE_LEAD)


def teams_of(user: AbstractBaseUser) -> QuerySet[Team]:
    """The teams in use with which somebody may share: their own; a case lead, all."""
    teams = Team.objects.filter(active=True)
    return teams if policy.holds(user, Role.CASE_LEAD) else teams.filter(members=user.pk)


def kept_query(sent: str) -> str:
    """The filters of a list as they are kept, in their own order.

    Raises ``ValidationError`` for what the list does not declare, for a reference, and where nothing is filtered.
    """
    if len(sent) > 1000:
        raise ValidationError(_("These filters are too long to be kept."))
    query = QueryDict(sent, mutable=True)
    declared = [name for name in CaseFilterSet.base_filters if name != REFERENCE]
    if query.get(REFERENCE):
        raise ValidationError(
            _("A list with a reference cannot be kept. Empty that box, then keep the list.")
        )
    query.pop(REFERENCE, None)
    if query.keys() - set(declared) or any(len(values) != 1 for _name, values in query.lists()):
        raise ValidationError(_("These filters are not known. Filter the list of cases anew, then keep it."))
    found = QueryDict(mutable=True)
    for name in declared:
        if query.get(name):
            found[name] = query[name]
    if not found:
        raise ValidationError(_("Filter the list of cases first, then keep it."))
    return found.urlencode()


@transaction.atomic
def keep(
    *,
    by: AbstractBaseUser,
    name: str,
    query: str,
    audience: str = Audience.ME,
    team: Team | None = None,
    once: uuid.UUID | None = None,
) -> SavedList:
    """Keep a list; with ``once``, the same form sent twice keeps it once.

    Raises :class:`NotAllowed` for somebody who works no cases, and ``ValidationError`` for filters that are not those
    of the list, a name that is empty or taken, an audience that is none, and for one list too many.
    """
    if not policy.holds(by, *CASE_ROLES):
        raise NotAllowed
    # Two forms of one person wait for each other: the count is right.
    get_user_model()._default_manager.select_for_update().get(pk=by.pk)
    pk = uuid.uuid5(once, f"list {by.pk}") if once else uuid.uuid4()
    if found := SavedList.objects.filter(pk=pk, owner=by.pk).first():
        return found
    if SavedList.objects.filter(owner=by.pk).count() >= MOST:
        raise ValidationError(_("You have ten lists. Delete one before you keep another."))
    row = SavedList(pk=pk, owner=by, query=kept_query(query))
    _write(row, by, name, audience, team)
    return row


@transaction.atomic
def change(
    *, row: SavedList, by: AbstractBaseUser, name: str, audience: str, team: Team | None = None
) -> SavedList:
    """Rename a list, or share it with others. Its filters stay. Raises as :func:`keep` does."""
    found = _locked(row, by)
    _write(found, by, name, audience, team)
    ListMail.objects.filter(saved_list=found.pk).exclude(user__in=_readers(found)).delete()
    return found


@transaction.atomic
def delete(*, row: SavedList, by: AbstractBaseUser) -> None:
    """Delete a list, for everybody who has it. No case is touched. Raises :class:`NotAllowed`."""
    _locked(row, by).delete()


@transaction.atomic
def tell_by_mail(*, row: SavedList, by: AbstractBaseUser, every: str) -> None:
    """Write to ``by`` how many cases the list has, each working day or week; with "" no more.

    Raises :class:`NotAllowed` for somebody who does not have the list, and ``ValidationError``.
    """
    if not policy.holds(by, *CASE_ROLES) or not there_for(by).filter(pk=row.pk).exists():
        raise NotAllowed
    if not every:
        ListMail.objects.filter(saved_list=row.pk, user=by.pk).delete()
    elif every not in Every.values:
        raise ValidationError(_("Choose how often."))
    else:
        ListMail.objects.update_or_create(saved_list=row, user=by, defaults={"every": every})


def _locked(row: SavedList, by: AbstractBaseUser) -> SavedList:
    found = SavedList.objects.select_for_update().filter(pk=row.pk).first()
    if found is None or not policy.holds(by, *CASE_ROLES) or not there_for(by).filter(pk=row.pk).exists():
        raise NotAllowed
    if not may_change(by, found):
        raise NotAllowed
    return found


def _write(row: SavedList, by: AbstractBaseUser, name: str, audience: str, team: Team | None) -> None:
    row.name, row.audience = " ".join(name.split()), audience
    row.team = team if audience == Audience.TEAM else None
    if not row.name:
        raise ValidationError({"name": _("Give the list a name.")})
    if len(row.name) > SavedList._meta.get_field("name").max_length:
        raise ValidationError({"name": _("Make the name shorter.")})
    if SavedList.objects.filter(owner=row.owner_id, name__iexact=row.name).exclude(pk=row.pk).exists():
        raise ValidationError({"name": _("There is a list of that name already.")})
    if audience not in Audience.values:
        raise ValidationError({"audience": _("Choose for whom the list is.")})
    if audience == Audience.TEAM:
        had = SavedList.objects.filter(pk=row.pk, team=team).exists() if team else False
        if team is None or not (had or teams_of(by).filter(pk=team.pk).exists()):
            raise ValidationError({"team": _("Choose one of your teams.")})
    row.save()


def _readers(row: SavedList) -> QuerySet:
    """Ids of those who have a list: everybody, where it is for all."""
    users = get_user_model()._default_manager.order_by()
    if row.audience == Audience.ALL:
        return users.values("pk")
    theirs = Q(pk=row.owner_id)
    if row.audience == Audience.TEAM:
        theirs |= Q(harassment_teams=row.team_id)
    return users.filter(theirs).values("pk")
