from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("creators", "0004_no_index_twice"),
        ("merchants", "0001_initial"),
        ("tasks", "0007_unseen_messages_in_order"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("confirmed_at__isnull", False)),
                fields=["merchant", "confirmed_at"],
                name="order_spent_by_merchant",
            ),
        ),
    ]
