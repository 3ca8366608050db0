from django.urls import path

from creators.web import views

app_name = "creators"
urlpatterns = [
    path("creator/profile/", views.profile, name="profile"),
    path("creator/profile/personal/", views.personal, name="profile-personal"),
    path("creator/profile/channels/new/", views.channel, name="channel-new"),
    path("creator/profile/channels/<int:row_id>/", views.channel, name="channel"),
    path(
        "creator/profile/channels/<int:row_id>/remove/", views.channel_remove, name="channel-remove"
    ),
    path("creator/profile/account/", views.account, name="profile-account"),
    path("creator/profile/payout-account/", views.payout_account, name="payout-account"),
    path("creator/profile/delivery/", views.delivery, name="profile-delivery"),
    path("creator/audience/", views.audience, name="audience"),
    path("creator/works/", views.works, name="works"),
    path("creator/works/new/", views.work, name="work-new"),
    path("creator/works/<int:work_id>/", views.work, name="work"),
    path("creator/works/<int:work_id>/remove/", views.work_remove, name="work-remove"),
    path("creator/quotes/", views.quotes, name="quotes"),
    path("creator/accepting/", views.accepting, name="accepting"),
    path("creators/<int:creator_id>/avatar/", views.avatar, name="avatar"),
    path(
        "creators/<int:creator_id>/works/<int:work_id>/picture/",
        views.work_picture,
        name="work-picture",
    ),
]
