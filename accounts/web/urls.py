from django.urls import path

from accounts.web import views

app_name = "accounts"
urlpatterns = [
    path("account/preferences/", views.preferences, name="preferences"),
    path("account/language/", views.language, name="language"),
]
