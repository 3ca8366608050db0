from django.urls import path

from settlement.web import views

app_name = "settlement"

urlpatterns = [
    path("settlement/notice/", views.notice, name="notice"),
    path("receipts/check_receipt.py", views.checker, name="receipt-checker"),
]
