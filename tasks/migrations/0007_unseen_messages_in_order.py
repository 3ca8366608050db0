from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("creators", "0004_no_index_twice"),
        ("merchants", "0001_initial"),
        ("tasks", "0006_orders_in_trouble_and_fewer_indexes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("held_at", None),
                    ("remind_at", None),
                    ("reminded_at", None),
                    ("state", "DELIVERED"),
                ),
                fields=["confirm_by"],
                name="order_not_reminded",
            ),
        ),
        migrations.AddIndex(
            model_name="outbox",
            index=models.Index(
                condition=models.Q(("seen_at", None)),
                fields=["to", "party", "-id"],
                name="outbox_unseen",
            ),
        ),
        # Replaced by the one above, which also has the newest first.
        migrations.RemoveIndex(
            model_name="outbox",
            name="outbox_not_seen",
        ),
    ]
