"""Free wording that a reasonable person would read as "no more texts". A person decides in the end.

All of it is compared with folded texts: lower case, no accents, no punctuation, single spaces, so "don't" is
"don t". Every wording begins with a fixed word and nothing in it can be matched in two ways, so that a long
hostile text costs no more than a long friendly one.
"""

import re

_ME = r"(?:me|us|this (?:number|phone|cell)|my (?:number|phone|cell))"
_TEXTS = "(?:texts|text messages|messages|msgs|sms|alerts|notifications|reminders|promos|promotions|ads|marketing|spam)"
_THESE = (r"(?:(?:all|any|more|further|these|those|this|such|your|the|me|us|to|get|getting|receive|receiving|"
          r"send|sending|automated) )*")
_NOT = r"(?:do not|dont|don t|didn t|did not|never|no longer|not|can t|cannot)"
_LIST = r"(?:\w+ ){0,2}(?:lists?|database|system|texts?|messages?|contacts)"

ENGLISH = (
    # Take me away.
    r"remove (?:me|us)", r"(?:take|taking|get) (?:me|us|my name|my number|this number) off",
    rf"(?:me|us|name|number) (?:\w+ )?off (?:of )?(?:your|this|the) {_LIST}", rf"off (?:of )?your {_LIST}",
    rf"removed from (?:your|this|these) {_LIST}", r"(?<!you )(?<!i )(?:lose|loose|forget) (?:my|this) (?:\w+ )?number",
    r"(?:delete|erase|remove) (?:my|this) (?:\w+ )?number", r"(?:delete|remove) my (?:name|info|contact)",
    r"do not (?:call|contact|text|disturb) list", r"dnc list",
    # Leave me in peace.
    r"leave (?:me|us) (?:alone|be)", r"(?:fuck|piss|bugger|eff) off", r"this is (?:harassment|spam)",
    r"(?:block|report)(?:ing)? (?:you|this number)",
    # Do not text me.
    (r"(?:do not|dont|don t|never|not to|never to|stop trying to) (?:ever |want you to |you ever |you dare )?"
     r"(?:(?:call|email|phone) (?:or|and|nor) )?(?:text|message|msg|sms|contact|write)"
     rf"(?: (?:or|and|nor) (?:call|email|text|phone))?(?: to)?(?: (?:{_ME}|anymore|any more|again)\b|$)"),
    rf"(?:do not|dont|don t) bother {_ME}",
    (r"(?:stop|quit|cease|knock off) (?:texting|messaging|contacting|bothering|bugging|harassing|pestering|annoying|"
     r"spamming|blowing up my)"), rf"stop (?:calling|writing(?: to)?) {_ME}",
    r"stop sending (?:me|us|these|those|this|your)", r"stop sending$",
    # No more texts.
    rf"(?:stop|quit|cease|end|cancel|remove|discontinue|enough with|enough of) {_THESE}{_TEXTS}",
    rf"no (?:more|further) (?:\w+ )?(?:{_TEXTS}|texting|messaging|contact)", r"no (?:more )?texting(?: me)?$",
    rf"{_NOT} (?:want|wish|need|consent|agree|authorize|ask|asked|sign up|signed up)(?: for)? {_THESE}{_TEXTS}",
    r"(?:never|did not|didn t) (?:sign|signed) up(?: for (?:this|these|any of this))?$",
    # I take it back.
    r"opt(?:ing|ed)? out(?! of)",
    rf"opt(?:ing|ed)? out of {_THESE}(?:{_TEXTS}|texting|this$|all$|everything)",
    r"(?:unsubscri|unsuscri|unsubcri|unscubscri|unscri)\w*", r"stop ?2 ?(?:quit|end|stop)",
    r"(?:revok\w+|withdraw\w*|rescind\w*) (?:my |all |any )*(?:consent|permission|authorization)",
    r"(?:do not|don t|dont) have my (?:consent|permission)",
    r"(?:texted|said|replied|sent|typed|wrote) stop(?! (?:by|in|at|over|on|for|and|the|there|here|sign|to))",
    # Not for me.
    r"not (?:at all )?interested(?! in\b)", r"not interested in (?:your|any|anything|getting|receiving|hearing|texts?)",
    (r"(?:you (?:have|got|have got|must have|probably have|reached|texted)|you ve got|you re texting|this is|its|it s) "
     r"(?:the |a )?wrong (?:number|person)"), r"^wrong number(?! (?:for|of|on)\b)",
)
FRENCH = (
    r"ne (?:m |me |nous )?(?:ecri|text|contact|derang)\w+ (?:plus|pas|jamais)",
    r"ne (?:m |nous )?envo\w+ plus(?: rien)?$",
    r"ne (?:m |nous )?envo\w+ (?:plus|pas) (?:(?:de|d autres|vos|ces|aucun) )*(?:textos?|messages?|sms)",
    r"ne plus (?:m |me |nous )?(?:ecrire|texter|contacter|envoyer|recevoir|deranger)",
    r"(?:arret\w*|cess\w+) (?:de (?:m|me|nous)|(?:(?:tous|ces|ce|vos|les) )*(?:textos?|messages?|sms))",
    r"^(?:arretez?|arreter|degagez)(?: svp| s il vous plait)?$",
    r"plus (?:de |aucun |jamais de )(?:textos?|messages?|sms)", r"desabonn\w+", r"desinscri\w+",
    r"(?:retir|enlev|supprim|ray|effac)\w+ (?:moi de|mon (?:nom|numero))", r"(?:oubli|perd)\w+ mon numero",
    r"laisse[zr]? (?:moi|nous) tranquilles?", r"(?:fich|fout)\w+ moi la paix", r"(?:mauvais|faux) numero",
    r"ne (?:veux|souhaite|desire) (?:plus|pas) (?:(?:recevoir|de|vos|ces|aucun|d autres) )*(?:textos?|messages?|sms)",
    r"pas interesse\w*(?! par)",
)
OTHERS = (
    r"no me (?:escrib|mand|envi|contact|text|molest)\w+", r"dej\w+ de (?:escrib|envi|mand|molest|contact|text)\w+",
    r"no (?:quiero|deseo) (?:(?:mas|recibir|sus|estos) )*(?:mensajes|textos)", r"no mas (?:mensajes|textos)",
    r"numero equivocado", r"dejeme en paz", r"quit\w+ de (?:la|su) lista",
)
# The whole message: words of other languages, misspellings, short ways to send somebody away.
WHOLE = frozenset({
    "alto", "parar", "pare", "basta", "no mas", "cancelar", "detener", "baja", "sair", "stopp", "abmelden", "退订",
    "停止",
    "sotp", "stpo", "stob", "stopit", "st0p", "5top", "cancell", "cancle", "go away", "get lost", "bug off",
    "sorry wrong number", "wrong person", "dnc", "spam",
})
# A word that stops at the beginning of a short message, unless what follows makes it an ordinary sentence.
FIRST = re.compile(
    r"stop(?! (?:by|in|at|over|on|off|for|and|or|to|the|there|here|near|when|if|until|before|after|sign|light|watch|"
    r"bus|work|payment|loss|order|time|\d+|\w+ing)\b)\b|quit(?= (?:it|this|that|now|already)\b)")

# Telephones tell in words that somebody liked a text, and repeat the text: Liked “Text STOP to end texts”.
REACTION = re.compile(
    r"\W{0,12}(?:liked|loved|disliked|laughed at|emphasized|questioned|reacted\W{1,12}to|\W{1,12}to|"
    r"removed an? [\w ]{1,20} from|a aimé|a adoré)\W{0,6}[“\"«]", re.IGNORECASE)


def likely(wordings: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern that finds any of these wordings in a folded text, at the bounds of words."""
    return re.compile(rf"\b(?:{'|'.join(wordings)})(?!\w)")
