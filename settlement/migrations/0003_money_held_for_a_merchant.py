from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("settlement", "0002_reconciliation")]

    operations = [
        migrations.AddIndex(
            model_name="escrow",
            index=models.Index(
                condition=models.Q(
                    ("frozen__gt", 0),
                    ("held__gt", 0),
                    ("refund_in_transit__gt", 0),
                    _connector="OR",
                ),
                fields=["merchant_id"],
                name="escrow_open_of_merchant",
            ),
        ),
    ]
