"""The shop's pages, its interface where django-oscar-api puts it, and the back room."""

import backroom
from django.apps import apps
from django.urls import include, path

urlpatterns = [
    path("backroom/", include(backroom.urlpatterns)),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", include("oscarapi.urls")),
    path("", include(apps.get_app_config("oscar").urls[0])),
]
