from django.db import migrations, models

CHOICES = [
    ("welcome", "Welcome"),
    ("submitted", "Receipts for what I submitted"),
    ("claim_due", "Reviews I hold that are nearly due"),
    ("decided", "Decisions on my submissions"),
    ("earned", "Badges I earned"),
    ("revoked", "Changes to my badges"),
    ("question", "Questions people ask us"),
    ("invited", "Invitations"),
    ("reminder", "Reminders I asked for"),
    ("evidence", "Files that could not be used"),
    ("stopped", "Families who stopped the use of a recording"),
    ("retention", "Evidence that will be deleted soon"),
    ("team", "Invitations to a team"),
    ("export", "Copies of my data"),
    ("returned", "Submissions that came back because something is missing"),
    ("attention", "Reviews that need an approver"),
    ("offer", "Reviews offered or assigned to me"),
    ("licence", "My calibration as an assessor"),
    ("appeal", "Answers to my appeals"),
    ("permission", "Questions about using my work as an anchor"),
    ("coach", "Conversations with a coach"),
    ("case", "Questions about the integrity of a submission"),
    ("recognition", "Badges from elsewhere that are to count"),
    ("certificate", "Certificates that pause or hold again"),
    ("granted", "Lists of badges I granted"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0003_assessment"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(choices=CHOICES, max_length=16),
        ),
        migrations.AlterField(
            model_name="preference",
            name="kind",
            field=models.CharField(choices=CHOICES, max_length=16),
        ),
    ]
