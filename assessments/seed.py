"""The frameworks of a fresh portal, from fixtures/frameworks. Each is published when it is first loaded, and never touched again."""

import json

from accounts.seed import FixtureError
from assessments.framework_file import read
from assessments.framework_import import publish, write
from assessments.framework_text import FrameworkFileError, FrameworkText
from assessments.models import Framework, Pick, Question
from resources.models import Component, Resource


def load_frameworks(directory, counts):
    """Make and publish what is not here yet; say where a file differs from what is published."""
    components = dict(Component.objects.values_list("slug", "number"))
    for path in sorted(directory.glob("*.yaml")):
        held = Framework.objects.filter(slug=path.stem).first()
        try:
            text = read(path.read_bytes(), path.name, components=components)
        except FrameworkFileError as error:
            if not (held and held.is_published):
                raise FixtureError("\n".join(f"{path.name}: {fault}" for fault in error.faults)) from error
            text = None
        if held:
            _compare(path, held, text, counts)
        elif text.slug != path.stem:
            raise FixtureError(f"{path.name}: its slug is {text.slug}: name the file {text.slug}.yaml")
        else:
            write(text)
            publish(text.slug)
            counts.made += 1 + _put_picks(path.with_suffix(".picks.json"), text.slug)


def _compare(path, held, text, counts):
    if not held.is_published:
        counts.kept += 1
        counts.notes.append(f"{path.name}: a draft of this address is here, so the file was not loaded")
    elif text != FrameworkText.of(held):
        counts.kept += 1
        counts.notes.append(f"{path.name}: its words differ from the framework published here, which stays as it is: new wording is a new framework")


def _put_picks(path, slug):
    """The resources that stand to its questions from the beginning; from then on curators alone put and take them. Returns how many."""
    if not path.exists():
        return 0
    questions = {question.number: question for question in Question.objects.filter(framework__slug=slug)}
    resources = {resource.slug: resource for resource in Resource.objects.all()}  # a curator may have deleted some
    picks = [
        Pick(question=questions[number], resource=resources[resource], why=why)
        for number, chosen in json.loads(path.read_text(encoding="utf-8")).items()
        for resource, why in chosen
        if resource in resources
    ]
    return len(Pick.objects.bulk_create(picks))
