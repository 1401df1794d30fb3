"""The kinds of organisation that the portal knows, by the role identifiers of the Organisation Data Service."""

KINDS = {
    "RO197": "NHS trust",
    "RO57": "NHS foundation trust",
    "RO107": "Care trust",
    "RO318": "Integrated care board",
    "RO209": "NHS England region",
    "RO172": "Independent sector healthcare provider",
    "RO189": "Special health authority",
    "RO213": "Commissioning support unit",
    "RO142": "Local health board",
    "RO157": "Other organisation",
}

TRUST, FOUNDATION_TRUST, CARE_TRUST, ICB, REGION, OTHER = "RO197", "RO57", "RO107", "RO318", "RO209", "RO157"
