"""SWITCH: may this person change this toggle?"""

from portal.marks import N_

from ..decision import Act, DocumentEdition, Effect, Fixer, Rule, Source
from ..sentences import make_plural
from .use import BOTH

SWITCH = (
    Rule(
        id="not-yours",
        title=N_("Administrators turn texting on and off"),
        acts=frozenset({Act.SWITCH}),
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F1",)),
        limitation=N_("Administrators of an organization turn texting on and off, centrally and for nobody else's"
                      " organization. Operators do not; they restrict."),
        notice=N_("You are not an administrator of this organization."),
        remedy=N_("Ask an administrator of the organization."),
        fixer=Fixer.ADMIN,
        system=True,
        when=lambda actor: not actor.administers,
    ),
    Rule(
        id="locked-above",
        title=N_("Locked settings"),
        acts=frozenset({Act.SWITCH}),
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("A locked setting cannot be changed further down. A setting that was made there before can still"
                      " be taken back."),
        notice=N_("%(who)s locked the setting of %(place)s on %(at)s, for this reason: %(why)s"),
        remedy=N_("Change or unlock the setting where it is locked."),
        fixer=Fixer.ADMIN,
        about="word",
        when=lambda change: change.lock is not None and change.on is not None,
        values=lambda change: {"place": change.lock.place, "who": change.lock.who, "at": change.lock.at,
                               "why": change.lock.reason},
    ),
    Rule(
        id="hipaa-unacknowledged",
        title=N_("HIPAA notice read"),
        acts=frozenset({Act.SWITCH, Act.USE}),
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F10",), portal=True),
        limitation=N_("A healthcare organization cannot turn texting on before one of its administrators has"
                      " confirmed the HIPAA notice. If the notice changes later, texting stays on."),
        notice=N_("No administrator of your organization has confirmed the current HIPAA notice."),
        remedy=N_("An administrator reads the HIPAA notice on the page Notices and confirms it."),
        fixer=Fixer.ADMIN,
        about="hipaa",
        when=lambda organization, change=None, setting=None: (
            organization.healthcare and not organization.hipaa_acknowledged
            and (change.turns_on if change else bool(setting and setting.on))
        ),
        # Users who could text before the mark as healthcare or the newer notice are warned, never stopped.
        effect_by=lambda setting, change=None: None if change or setting is None else Effect.WARN,
    ),
    Rule(
        id="no-effect-yet",
        title=N_("Turned on, but not able to text yet"),
        acts=frozenset({Act.SWITCH}),
        effect=Effect.WARN,
        source=Source(editions=(DocumentEdition.GERMAN, DocumentEdition.POLISH),
                      facts=("F2", "F3", "F4", "F5", "F6", "F7", "F8")),
        limitation=N_("Turning texting on does not replace the other requirements: a user who does not meet them"
                      " still cannot text."),
        notice=make_plural(N_("%(idle)s user still cannot text, because of this: %(why)s."),
                           N_("%(idle)s users still cannot text, because of this: %(why)s."), "idle"),
        remedy=N_("The overview lists what keeps users from texting and who can change it."),
        fixer=Fixer.ADMIN,
        system=True,
        when=lambda change: bool(change.on) and change.idle > 0,
        values=lambda change: {"idle": change.idle, "why": change.why},
    ),
)
