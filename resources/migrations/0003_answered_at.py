"""When the mail server took the answer to a reader."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("resources", "0002_curators_desk")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="answered_at",
            field=models.DateTimeField(blank=True, null=True, help_text="When the mail server took the answer"),
        )
        for name in ("report", "suggestion")
    ]
