"""What search engines may read."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from assessments.models import Framework
from bulletin.models import Issue
from impact_portal.models import Page
from resources.models import Category, Collection, Component, Provider, Resource


class StaticSitemap(Sitemap):
    def items(self):
        return ["home", "resources:list", "resources:collections", "assessments:frameworks", "bulletin:issues", "bulletin:subscribe"]

    def location(self, item):
        return reverse(item)


class PageSitemap(Sitemap):
    def items(self):
        return Page.objects.all()

    def lastmod(self, page):
        return page.updated_at


class ResourceSitemap(Sitemap):
    def items(self):
        return Resource.objects.published().order_by("pk").only("slug", "updated_at")

    def lastmod(self, resource):
        return resource.updated_at


class ComponentSitemap(Sitemap):
    def items(self):
        return Component.objects.all()


class CategorySitemap(Sitemap):
    def items(self):
        return Category.objects.all()


class ProviderSitemap(Sitemap):
    def items(self):
        return Provider.objects.filter(resources__in=Resource.objects.published()).distinct()


class CollectionSitemap(Sitemap):
    def items(self):
        return Collection.objects.readable()


class FrameworkSitemap(Sitemap):
    def items(self):
        return Framework.objects.published()

    def lastmod(self, framework):
        return framework.published_at


class IssueSitemap(Sitemap):
    def items(self):
        return Issue.objects.public().order_by("number")

    def lastmod(self, issue):
        return issue.started_at


SITEMAPS = {
    "start": StaticSitemap,
    "pages": PageSitemap,
    "components": ComponentSitemap,
    "categories": CategorySitemap,
    "providers": ProviderSitemap,
    "resources": ResourceSitemap,
    "collections": CollectionSitemap,
    "frameworks": FrameworkSitemap,
    "bulletin": IssueSitemap,
}
