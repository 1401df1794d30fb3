"""What the admin's lists may be filtered by: the filters that stand beside them, and nothing typed into the address.

Django lets any column, and any column one relation away, be asked for: enough to read a password's hash letter by letter.
"""


class OnlyItsFilters:
    """A ModelAdmin whose address takes the lookups of its own list_filter and date_hierarchy alone."""

    def lookup_allowed(self, lookup, value, request=None):
        fields = [f if isinstance(f, str) else f[0] for f in self.list_filter if isinstance(f, (str, tuple))]
        own = {f.parameter_name for f in self.list_filter if hasattr(f, "parameter_name")}
        endings = ("", "__exact", "__id__exact", "__isnull", "__isempty")
        days = ("__year", "__month", "__day", "__gte", "__lt")
        allowed = {f"{field}{ending}" for field in fields for ending in endings}
        return lookup in own | allowed | {f"{self.date_hierarchy}{ending}" for ending in days if self.date_hierarchy}
