"""USE: may this user have texting? Every row but those about the toggle decides eligibility."""

from portal.marks import N_

from ..decision import Act, DocumentEdition, Effect, Fixer, OtherWords, Rule, Source
from ..facts import Country, CustomerType, OrganizationFacts, Pstn
from ..numbers import HOME, NumberKind

BOTH = (DocumentEdition.GERMAN, DocumentEdition.POLISH)
HAVE_AND_SEND = frozenset({Act.USE, Act.SEND})


def _excluded(organization: OrganizationFacts) -> bool:
    return organization.customer_type in (CustomerType.ONLINE, CustomerType.TRIAL)


USE = (
    Rule(
        id="customer-type",
        title=N_("Enterprise customers only"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F3", "F4")),
        limitation=N_("Only enterprise customers can have texting. Online customers and trial customers cannot."),
        notice=N_("Your organization is not an enterprise customer (%(type)s)."),
        remedy=N_("The provider changes the type of customer when the contract changes."),
        fixer=Fixer.PROVIDER,
        about="organization",
        when=_excluded,
        values=lambda organization: {"type": organization.customer_type},
    ),
    Rule(
        id="calling-plan",
        title=N_("Calling plan"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F2",)),
        limitation=N_("The organization needs the provider's calling plan in the US or Canada."),
        notice=N_("Your organization has no calling plan in the US or Canada."),
        remedy=N_("Order the calling plan from the provider."),
        fixer=Fixer.PROVIDER,
        about="organization",
        when=lambda organization: not organization.calling_plan,
    ),
    Rule(
        id="add-on",
        title=N_("Business Texting add-on"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(editions=(DocumentEdition.POLISH,), facts=("F8",)),
        limitation=N_("The organization needs the Business Texting add-on, which lets it register its brand"
                      " and its campaigns with the carriers (10DLC)."),
        notice=N_("Your organization has not bought the Business Texting add-on."),
        remedy=N_("Order the add-on from the provider, then register brand and campaign."),
        fixer=Fixer.PROVIDER,
        about="registration",
        when=lambda organization: not organization.add_on,
    ),
    Rule(
        id="location-country",
        title=N_("Location in the US or Canada"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F5",)),
        limitation=N_("The user's location must be in the US or Canada."),
        notice=N_("The location is outside the US and Canada: %(country)s."),
        remedy=N_("Move the user to a location in the US or Canada if they work there."),
        fixer=Fixer.ADMIN,
        about="user-location",
        when=lambda location: location.country not in HOME,
        values=lambda location: {"country": Country(location.country)},
    ),
    Rule(
        id="location-pstn",
        title=N_("Provider's PSTN at the location"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F7", "F15")),
        limitation=N_("The user's location must reach the telephone network through the provider's own PSTN."
                      " Where texting is not available at a location, it cannot be turned on for anybody there."),
        notice=N_("The location does not use the provider's PSTN (%(pstn)s)."),
        remedy=N_("The provider changes the PSTN connection of the location."),
        fixer=Fixer.PROVIDER,
        about="location",
        when=lambda location: location.pstn is not Pstn.PROVIDER,
        values=lambda location: {"pstn": location.pstn},
    ),
    Rule(
        id="primary-number",
        title=N_("Primary number"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F5",)),
        limitation=N_("Each user needs a primary number of their own."),
        notice=N_("There is no primary number."),
        remedy=N_("An administrator assigns a primary number."),
        fixer=Fixer.ADMIN,
        about="number",
        when=lambda number: not number.assigned,
    ),
    Rule(
        id="number-unconfirmed",
        title=N_("Confirmed number"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("A number that an administrator enters or imports must be confirmed by the provider, unless the"
                      " provider has given it to the organization before. Until then nobody texts with it."),
        notice=N_("The provider has not confirmed the primary number yet: %(number)s."),
        remedy=N_("The provider confirms the number, or says why not."),
        fixer=Fixer.PROVIDER,
        about="claim",
        when=lambda number: number.assigned and not number.confirmed,
        values=lambda number: {"number": number},
    ),
    Rule(
        id="number-coming",
        title=N_("Number that is here already"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("A number may be assigned before it arrives, for example while it moves here from another"
                      " provider. Until the day on which it arrives nobody texts with it."),
        notice=N_("The primary number %(number)s arrives on %(day)s. Nobody can text with it before."),
        remedy=N_("Wait for that day. If it is wrong, ask the provider to change it."),
        fixer=Fixer.PROVIDER,
        about="number",
        when=lambda number: number.assigned and number.coming,
        values=lambda number: {"number": number, "day": number.from_on},
    ),
    Rule(
        id="number-gone",
        title=N_("Number that is still here"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("From the day on which a number leaves, for example to another provider, nobody sends or receives"
                      " texts with it. Its conversations stay, and so do the opt-outs."),
        notice=N_("The primary number %(number)s left your organization on %(day)s."),
        remedy=N_("An administrator assigns another number. If the day is wrong, the provider changes it."),
        fixer=Fixer.ADMIN,
        about="number",
        when=lambda number: number.assigned and number.gone,
        values=lambda number: {"number": number, "day": number.until_on},
    ),
    Rule(
        id="number-leaving",
        title=N_("Number that stays"),
        acts=HAVE_AND_SEND,
        effect=Effect.WARN,
        source=Source(portal=True),
        limitation=N_("When a number is about to leave, the portal tells its user and the administrators %(days)s"
                      " days before."),
        notice=N_("The primary number %(number)s leaves your organization on %(day)s. Nobody can text with it from"
                  " then on."),
        remedy=N_("Tell the people you text with. Before that day an administrator assigns another number."),
        fixer=Fixer.ADMIN,
        about="number",
        limits={"days": 14},
        when=lambda number, days: (
            number.assigned and number.days_left is not None and 0 < number.days_left <= days),
        values=lambda number: {"number": number, "day": number.until_on},
    ),
    Rule(
        id="number-source",
        title=N_("Number from the calling plan"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F5",)),
        limitation=N_("The primary number must be a geographic US or Canadian number from the provider's calling"
                      " plan. Toll-free numbers and numbers brought by another provider cannot text."),
        notice=N_("The primary number is not a geographic number from the calling plan: %(number)s."),
        remedy=N_("Assign a number from the calling plan. If this one is from the plan, the provider can mark it."),
        fixer=Fixer.ADMIN,
        about="number",
        when=lambda number: number.assigned and not (number.from_plan and number.kind is NumberKind.PLAIN),
        values=lambda number: {"number": number},
    ),
    Rule(
        id="account-inactive",
        title=N_("Active account"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("A deactivated user cannot use texting."),
        notice=N_("The account is deactivated."),
        remedy=N_("An administrator reactivates the account."),
        fixer=Fixer.ADMIN,
        about="account",
        when=lambda user: not user.active,
    ),
    Rule(
        id="texting-off",
        title=N_("Texting is turned on"),
        acts=HAVE_AND_SEND,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F11", "F12", "F13", "F14", "F16")),
        limitation=N_("A user sends and receives texts only while texting is turned on: for the user, for the"
                      " location or for the whole organization. Until an administrator turns it on, it is off."),
        notice=N_("Texting is off for the %(level)s."),
        remedy=N_("An administrator can turn it on."),
        instead=(OtherWords(
            when=lambda setting: setting.level is None,
            notice=N_("Nobody has turned texting on yet, for the user, the location or the organization."),
            remedy=N_("An administrator can turn it on for the user, the location or the whole organization."),
        ), OtherWords(
            when=lambda setting: setting.locked,
            notice=N_("Texting is off and locked for the %(level)s."),
            remedy=N_("An administrator can turn it on or unlock it for the %(level)s."),
        )),
        fixer=Fixer.ADMIN,
        about="word",
        when=lambda setting: not setting.on,
        values=lambda setting: {"level": setting.level},
    ),
)
