"""The public catalogue and what keeps it true."""

from resources.models.catalogue import CatalogueStamp, Category, Component, Practice, Provider, Record, Resource, ResourceQuerySet
from resources.models.collection import Collection, CollectionStep
from resources.models.import_batch import ImportBatch, ImportRow
from resources.models.link import Link, LinkCheck, LinkRun
from resources.models.readers import MendNotice, Report, Suggestion, UsefulCount
from resources.models.review import ReviewReminder
from resources.models.search_words import FailedSearch, SearchDecision, Synonym

__all__ = [
    "CatalogueStamp",
    "Category",
    "Collection",
    "CollectionStep",
    "Component",
    "FailedSearch",
    "ImportBatch",
    "ImportRow",
    "Link",
    "LinkCheck",
    "LinkRun",
    "MendNotice",
    "Practice",
    "Provider",
    "Record",
    "Report",
    "Resource",
    "ResourceQuerySet",
    "ReviewReminder",
    "SearchDecision",
    "Suggestion",
    "Synonym",
    "UsefulCount",
]
