from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("settlement", "0004_fewer_indexes_of_the_ledger"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(
                fields=["first_sent_at"],
                condition=models.Q(
                    ("resolved_at", None),
                    models.Q(
                        ("first_sent_at__isnull", False), ("state", "MANUAL"), _connector="OR"
                    ),
                ),
                name="operation_watched",
            ),
        ),
    ]
