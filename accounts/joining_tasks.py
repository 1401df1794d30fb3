"""Mail about requests to join, in the background: how long a page takes must not tell how many leads there are."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django_tasks import task

from accounts import letters
from accounts.models import JoinRequest


@task()
@transaction.atomic
def tell_of_request(request_id):
    """Put a mail on the queue for each of those who decide: the leads or, where there are none, the administrators."""
    request = JoinRequest.objects.waiting().filter(pk=request_id).select_related("organisation").first()
    if request is None:
        return
    leads = list(request.organisation.leads().values_list("user", flat=True))
    administrators = get_user_model().objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True)
    for person in leads or administrators:
        tell_one_of_request.enqueue(request_id, person, lead=bool(leads))


@task()
def tell_one_of_request(request_id, person_id, lead):
    """Tell one of those who decide that somebody asks to join. Where a worker is killed at it they may be told twice, which is better than not at all."""
    request = JoinRequest.objects.waiting().filter(pk=request_id).select_related("organisation", "user").first()
    person = get_user_model().objects.filter(pk=person_id, is_active=True).first()
    if request and person:
        letters.tell_of_request(request, person, lead=lead)
