"""The group of those who look after the catalogue and the portal's pages, and what it may do.

What is its own is given to the group when it is made, and later only the permissions of models that a migration has just made: a tick
that an administrator has taken away stays away.
"""

from django.contrib.auth.models import Group, Permission
from django.db import connections, migrations, transaction
from django.db.models import Q

from accounts.models import AuditEntry, User

NAME = "Curators"
# What curators look after: (app, model), or (app, None) for all that it has. A room with something for them adds a line.
THEIRS = [
    ("resources", None),
    ("impact_portal", None),
    ("assessments", "pick"),  # which resources fit which question
    ("bulletin", "issue"),
    ("bulletin", "issueitem"),
]
NOT_THEIRS = ("cataloguestamp",)  # the database's own


def permissions(app=None, models=None):
    """What curators may do, of all apps or one, of all its models or some."""
    theirs = Q(pk=None)
    for label, model in THEIRS:
        if app in (None, label):
            theirs |= Q(content_type__app_label=label, **({"content_type__model": model} if model else {}))
    found = Permission.objects.filter(theirs).exclude(content_type__model__in=NOT_THEIRS)
    return found if models is None else found.filter(content_type__model__in=models)


def curators():
    """The group, made if it is not there."""
    group, made = Group.objects.get_or_create(name=NAME)
    if made:
        group.permissions.set(permissions())
    return group


def give_new_models(app_config, plan=(), using="default", **kwargs):
    """After a migrate: the group that is there may work with the models that it has just made."""
    steps = [migration for migration, backwards in plan if not backwards and migration.app_label == app_config.label]
    new = {step.name.lower() for migration in steps for step in migration.operations if isinstance(step, migrations.CreateModel)}
    if not new or app_config.label not in dict(THEIRS) or Group._meta.db_table not in connections[using].introspection.table_names():
        return
    group = Group.objects.using(using).filter(name=NAME).first()
    if group:
        group.permissions.add(*permissions(app_config.label, new))


@transaction.atomic
def make_curator(email, name=""):
    """Somebody who looks after the catalogue: a person who is there, or a new one who has yet to set a password. Returns (the person, whether new)."""
    person = User.objects.filter(email__iexact=email).first()
    made = person is None
    if made:
        person = User.objects.create_user(email, name=name)
        person.emailaddress_set.create(email=person.email, primary=True)
    if not person.is_staff:
        person.is_staff = True
        person.save(update_fields=["is_staff"])
        AuditEntry.objects.note("made_curator", by=None, subject=person)
    person.groups.add(curators())
    return person, made
