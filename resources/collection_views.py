"""The pages of reading paths, drawn from the held catalogue."""

from django.http import Http404

from resources.views import CatalogueView


class CollectionListView(CatalogueView):
    """Every reading path."""

    template_name = "resources/collection_list.jinja"


class CollectionView(CatalogueView):
    """One reading path, step by step."""

    template_name = "resources/collection_detail.jinja"

    def get_context_data(self, slug, **kwargs):
        path = self.catalogue.paths.get(slug)
        if path is None:
            raise Http404
        return super().get_context_data(path=path, **kwargs)
