from django.urls import path

from tasks.web import briefs, lists, orders, paying, reporting, tracked, verbs

app_name = "tasks"
urlpatterns = [
    path("home/", lists.home, name="home"),
    path("tasks/", lists.tasks, name="tasks"),
    path("tasks/new/", briefs.new, name="new"),
    path("tasks/<int:task_id>/", briefs.task, name="task"),
    path("tasks/<int:task_id>/edit/", briefs.edit, name="edit"),
    path("tasks/<int:task_id>/delete/", briefs.delete, name="delete"),
    path("tasks/<int:task_id>/withdraw/", briefs.withdraw, name="withdraw_task"),
    path("tasks/<int:task_id>/attachments/", briefs.attach, name="attach"),
    path(
        "tasks/<int:task_id>/attachments/<int:attachment_id>/", orders.attachment, name="attachment"
    ),
    path(
        "tasks/<int:task_id>/attachments/<int:attachment_id>/remove/", briefs.detach, name="detach"
    ),
    path("tasks/<int:task_id>/creators/", briefs.creators, name="creators"),
    path("tasks/<int:task_id>/check/", briefs.check, name="check"),
    path("tasks/<int:task_id>/pay/", paying.pay, name="pay"),
    path("tasks/<int:task_id>/payment/", paying.waiting, name="waiting"),
    path("tasks/<int:task_id>/payment/cancel/", paying.cancel_payment, name="cancel_payment"),
    path("orders/", lists.orders, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("orders/<int:order_id>/receipt/", orders.receipt, name="receipt"),
    path("orders/<int:order_id>/links/<int:delivery_id>/", orders.leave, name="leave"),
    path("orders/<int:order_id>/payout/", verbs.pay_out, name="pay_out"),
    path("orders/<int:order_id>/withdraw/", verbs.withdraw, name="withdraw"),
    path("orders/<int:order_id>/offer/", verbs.offer, name="offer"),
    path("orders/<int:order_id>/offer/accept/", verbs.accept_price, name="accept_price"),
    path("orders/<int:order_id>/offer/reject/", verbs.reject_price, name="reject_price"),
    path("orders/<int:order_id>/accept/", verbs.accept, name="accept"),
    path("orders/<int:order_id>/decline/", verbs.decline, name="decline"),
    path("orders/<int:order_id>/deliver/", verbs.deliver, name="deliver"),
    path("orders/<int:order_id>/confirm/", verbs.confirm, name="confirm"),
    path("orders/<int:order_id>/review/", verbs.review, name="review"),
    path("orders/<int:order_id>/invoice/request/", verbs.request_invoice, name="request_invoice"),
    path("orders/<int:order_id>/invoice/new/", verbs.hand_in_invoice, name="hand_in_invoice"),
    path("orders/<int:order_id>/invoice/", orders.invoice, name="invoice"),
    path("orders/<int:order_id>/dispute/", verbs.dispute, name="dispute"),
    path("orders/<int:order_id>/figures/", reporting.report, name="report_figures"),
    path("figures/<int:figures_id>/picture/", reporting.proof, name="figures_proof"),
    path("r/<slug:code>/", tracked.follow, name="follow"),
    path(
        "deliveries/<int:delivery_id>/pictures/<int:number>/",
        orders.delivery_picture,
        name="delivery_picture",
    ),
    path(
        "disputes/<int:dispute_id>/pictures/<int:number>/",
        orders.dispute_picture,
        name="dispute_picture",
    ),
]
