import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("creators", "0003_audience"),
    ]

    operations = [
        migrations.AlterField(
            model_name="audienceshare",
            name="audience",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="shares",
                to="creators.audience",
                verbose_name="audience",
            ),
        ),
        migrations.AlterField(
            model_name="creatorchannel",
            name="creator",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="channels",
                to="creators.creator",
                verbose_name="creator",
            ),
        ),
        migrations.AlterField(
            model_name="quote",
            name="creator",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="quotes",
                to="creators.creator",
                verbose_name="creator",
            ),
        ),
        migrations.AlterField(
            model_name="work",
            name="creator",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="works",
                to="creators.creator",
                verbose_name="creator",
            ),
        ),
    ]
