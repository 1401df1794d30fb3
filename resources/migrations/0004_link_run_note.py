from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("resources", "0003_answered_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="linkrun",
            name="note",
            field=models.CharField(blank=True, help_text="What came of it, in words", max_length=300),
        ),
    ]
