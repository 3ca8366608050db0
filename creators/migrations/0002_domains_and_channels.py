"""The domains of V8 and the channels of V9. Ops can add more in the admin."""

from django.db import migrations

DOMAINS = (
    ("APPAREL", "Apparel", "服饰"),
    ("BEAUTY", "Beauty", "美妆"),
    ("FOOD", "Food", "美食"),
    ("MOTHER_BABY", "Mother and baby", "母婴"),
    ("DIGITAL", "Digital", "数码"),
    ("HOME", "Home and outdoor", "家居户外"),
    ("CARS", "Cars", "汽车"),
)
CHANNELS = (
    ("WEITAO", "Weitao (own feed)", "微淘", True, False),
    ("AIGUANGJIE", "Aiguangjie", "爱逛街", False, True),
    ("TOUTIAO", "Taobao Toutiao", "淘宝头条", False, True),
    ("YOUHAOHUO", "Youhaohuo", "有好货", False, True),
)


def seed(apps, schema_editor):
    domain = apps.get_model("creators", "Domain")
    for position, (code, name_en, name_zh) in enumerate(DOMAINS, start=1):
        names = {"name_en": name_en, "name_zh": name_zh, "position": position}
        domain.objects.get_or_create(code=code, defaults=names)
    channel = apps.get_model("creators", "Channel")
    for code, name_en, name_zh, is_enabled, requires_approval in CHANNELS:
        channel.objects.get_or_create(
            code=code,
            defaults={
                "name_en": name_en,
                "name_zh": name_zh,
                "is_enabled": is_enabled,
                "requires_approval": requires_approval,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("creators", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
