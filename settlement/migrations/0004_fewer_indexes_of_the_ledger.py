import django.db.models.deletion
from django.db import migrations, models

# Django makes these beside a unique index for `LIKE 'abc%'`, which nobody asks of such numbers.
UNUSED = (
    (
        "settlement_payoutaccount_logon_id_index_214b7bf2_like",
        "settlement_payoutaccount",
        "logon_id_index",
    ),
    ("settlement_operation_out_no_f368767a_like", "settlement_operation", "out_no"),
    ("settlement_transfer_key_8c024fc2_like", "settlement_transfer", "key"),
    ("settlement_notice_notify_id_08479876_like", "settlement_notice", "notify_id"),
    ("settlement_billrow_out_no_d0b588b5_like", "settlement_billrow", "out_no"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("settlement", "0003_money_held_for_a_merchant"),
    ]

    operations = [
        migrations.AlterField(
            model_name="billrow",
            name="bill",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rows",
                to="settlement.bill",
            ),
        ),
        migrations.AlterField(
            model_name="escrow",
            name="open_operation",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="settlement.operation",
                verbose_name="open operation",
            ),
        ),
        migrations.AlterField(
            model_name="operation",
            name="payout_account",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="settlement.payoutaccount",
            ),
        ),
        migrations.AlterField(
            model_name="operationorder",
            name="operation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shares",
                to="settlement.operation",
            ),
        ),
        migrations.AddIndex(
            model_name="total",
            index=models.Index(fields=["-through_id", "party", "pocket"], name="total_newest"),
        ),
        *(
            migrations.RunSQL(
                f'DROP INDEX IF EXISTS "{index}"',
                f'CREATE INDEX IF NOT EXISTS "{index}" ON "{table}" ("{column}" varchar_pattern_ops)',
            )
            for index, table, column in UNUSED
        ),
    ]
