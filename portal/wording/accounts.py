"""Letters to people about their own account: a link to sign in, a link that another person saw, a changed address.

`language` is the reader's ("fr", "": English): `people.users.language_of_letters` gives it.
"""

from flask_babel import gettext

from portal.extensions import current_settings

from .languages import LetterText, write_in_language


def sign_in_letter(language: str, name: str, link: str, hours: int) -> LetterText:
    """Subject and words of the letter that brings a sign-in link."""
    service = current_settings().service
    with write_in_language(language) as tag:
        subject = gettext("Your sign-in link for %(service)s", service=service)
        said = [gettext("Hello %(name)s,", name=name),
                gettext("Open this link within %(hours)s hours and choose your password for %(service)s:",
                        hours=hours, service=service),
                link,
                gettext("It works once. Do not pass it on, because anybody who has it can choose the password of"
                        " your account. If you did not expect this letter, you need not do anything.")]
    return LetterText(subject, "\n\n".join(said) + "\n", tag)


def first_admin_letter(language: str, name: str, organization: str, link: str, hours: int) -> LetterText:
    """Subject and words of the letter that brings the sign-in link of an organization's first administrator."""
    service = current_settings().service
    with write_in_language(language) as tag:
        subject = gettext("Your way into %(service)s", service=service)
        said = [gettext("Hello %(name)s,", name=name),
                gettext("you administer %(service)s for %(organization)s. Open this link within %(hours)s hours and"
                        " choose your password:", service=service, organization=organization, hours=hours),
                link,
                gettext("It works once. Give it to nobody: with it, anybody can choose the password of your account.")]
    return LetterText(subject, "\n\n".join(said) + "\n", tag)


def link_shown_letter(language: str, name: str, actor: str, reason: str) -> LetterText:
    """Subject and words of the letter that says who has looked at a link to the reader's account, and why."""
    service = current_settings().service
    with write_in_language(language) as tag:
        subject = gettext("%(actor)s saw a sign-in link to your account", actor=actor)
        said = [gettext("Hello %(name)s,", name=name),
                gettext("%(actor)s made a sign-in link to your account at %(service)s and looked at it, for this"
                        " reason: %(reason)s", actor=actor, service=service, reason=reason),
                gettext("With that link, a person can choose a password for your account and then read your"
                        " conversations. If you did not ask for it, talk to %(actor)s or to another administrator. If"
                        " the link is used, the portal tells you when you sign in.", actor=actor)]
    return LetterText(subject, "\n\n".join(said) + "\n", tag)


def address_changed_letter(language: str, name: str, actor: str) -> LetterText:
    """Subject and words of the letter to the address that a person had until now."""
    service = current_settings().service
    with write_in_language(language) as tag:
        subject = gettext("The email address of your account has changed")
        said = [gettext("Hello %(name)s,", name=name),
                gettext("%(actor)s changed the email address of your account at %(service)s. From now on, sign in"
                        " with the new one.", actor=actor, service=service),
                gettext("If you did not ask for it, talk to %(actor)s or to another administrator.", actor=actor)]
    return LetterText(subject, "\n\n".join(said) + "\n", tag)
