"""E-mail domains that many organisations, or anybody, can have an address at: none of them says where somebody works."""

SHARED = frozenset(
    """
    nhs.net nhs.uk nhs.scot wales.nhs.uk hscni.net gov.uk england.nhs.uk doctors.org.uk doctors.net.uk
    gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk live.com live.co.uk msn.com yahoo.com yahoo.co.uk ymail.com
    icloud.com me.com mac.com aol.com btinternet.com btopenworld.com sky.com virginmedia.com talktalk.net ntlworld.com blueyonder.co.uk
    proton.me protonmail.com gmx.com gmx.co.uk zoho.com mail.com fastmail.com hey.com tutanota.com yandex.com
    com net org co.uk org.uk ac.uk uk
    """.split()
)


def is_shared(domain):
    """Does this domain say nothing of where somebody works?"""
    return domain.lower() in SHARED
