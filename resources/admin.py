"""The curators' side of the catalogue: Django's admin. Each page registers itself."""

from resources import collection_admin, import_admin, link_admin, names_admin, reader_admin, resource_admin, search_admin

__all__ = ["collection_admin", "import_admin", "link_admin", "names_admin", "reader_admin", "resource_admin", "search_admin"]
