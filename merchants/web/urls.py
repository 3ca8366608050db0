from django.urls import path

from merchants.web import views

app_name = "merchants"
urlpatterns = [
    path("merchant/agreement/", views.agreement, name="agreement"),
    path("merchant/profile/", views.profile, name="profile"),
    path("merchant/payment-account/", views.payment_account, name="payment-account"),
]
