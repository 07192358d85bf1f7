"""Requests in English that name neither stopping nor consent: indirect, formal or rude ones.

Compared with folded texts in one spelling, like `wording_english`, whose slots they share.
"""

from .wording_english import LIST, ME, MINE, TEXTS

_END = r"(?= (?:please|thanks|thank|anymore|again|now|already|ok|immediately|at all|asap)\b|$)"
_TO = r"(?:(?:all|any|your|these|this|the|those|future|further|more|of|such|receiving|getting) ){0,4}"
_WATCHDOG = "(?:crtc|fcc|ftc|tcpa|casl|attorney general)"

REQUESTS = (
    # Asked how, or asked to be left out.
    (r"(?:what|whats|which|is there)(?: is)? (?:the |a |some )?(?:\w+ )?(?:word|way|code|keyword|option|command)"
     rf"(?: \w+){{0,2}} to (?:stop|end|quit|get off|get rid of|block) (?:{_TO}{TEXTS}|these|this|them)\b"),
    rf"(?:exclude|omit|excuse|leave out) {MINE} from {_TO}(?:\w+ )?(?:{TEXTS}|campaigns?|lists?)\b",
    rf"(?:excluded|omitted|left out) (?:from|of) {_TO}(?:\w+ )?(?:{TEXTS}|campaigns?)\b",
    rf"(?:get|take) (?:me|us) off (?:of )?(?:everything|all of (?:it|them)|(?:this|these|your|that) \w+){_END}",
    rf"want to (?:be|get) (?:off|out) (?:of )?(?!it\b){LIST}",
    rf"(?:erase|purge|scrub|wipe|destroy) (?:all )?(?:my|our) (?:\w+ )?(?:name|info|information|contact|data){_END}",
    rf"(?:make|get|have) (?:these|them|those|all of (?:it|this|these)) (?:to )?(?:stop|end|cease){_END}",
    rf"(?:quit|stop|leave) (?:it )?(?:with|w) {_TO}{TEXTS}\b",
    rf"(?:dont|never) (?:ever )?(?:text|message|contact) (?:it|this|that){_END}",
    r"^stop (?:i|im|ive|we|you|this)(?: \w+){0,6} (?:spam|texts|messages|alerts)$",
    rf"(?:{TEXTS}|these) (?:would|could|can|should|may) (?:please )?(?:stop|end|cease)\b",
    (r"(?:can|could|may|should|please|to|must|will) (?:i |we |my \w+ |this number |the number )?(?:please |"
     r"kindly )?(?:be|get) "
     rf"(?:removed|taken off|deleted|unsubscribed|opted out){_END}"),
    (r"(?:not to|isnt to|shouldnt|mustnt|must not|may not|cant|not) be (?:contacted|texted|messaged)\b(?! (?:by|before|"
     r"until|after)\b)"),
    rf"(?:remove|delete|erase) (?:the |that )?(?:number|phone|cell){_END}",
    (rf"(?:your|these|the) {TEXTS} (?:are|is) (?:\w+ )?(?:unwanted|unwelcome|not wanted|not welcome|annoying|"
     rf"harassment|spam)\b"),
    r"leave (?:my|our) (?:\w+ )?(?:phone|mother|mom|father|dad|wife|husband|kids|parents) alone\b",
    (r"(?:make sure|ensure|see to it|see that)(?: that)? (?:i|we|this number) (?:dont|no longer|never|doesnt) "
     r"(?:get|receive)\b"),
    r"mind not (?:texting|contacting|messaging|sending)\b",
    rf"^(?:please |go |just )*(?:text|bother|contact|message) (?:someone|somebody|anyone|anybody) else{_END}",
    rf"removal (?:from|off|of me from) {LIST}",
    r"removal of my (?:\w+ )?(?:number|name|info|information|details|contact|data)\b",
    r"^(?:please |no |sorry )*(?:i|we) dont want (?:any of )?(?:these|this)(?: anymore)?(?: please| thanks)?$",
    (r"^(?:i |we |ive |weve |have |already |just |once )*told you"
     rf"(?: (?:guys|all|people|folks|once|twice|already|before|again|please|yesterday|last week)){{0,2}} (?:to )?"
     rf"stop{_END}"),
    rf"block (?:me|us|my number|this number) (?:from|off) {LIST}",
    # Said formally, or with the law.
    (rf"any (?:further|more|other|additional) (?:{TEXTS}|message|attempts?)(?: \w+){{0,4}} (?:will|shall|"
     rf"constitutes?|is)\b"),
    rf"(?:report|contact|complain|fil|violat|call|pursuant|under|per)\w*(?: \w+){{0,4}} {_WATCHDOG}\b",
    rf"(?:police|lawyer|attorney|authorities) (?:about|over|because of) {_TO}{TEXTS}\b",
    rf"(?:have|has|is|are|been|were|ive|i|just|now|you) blocked (?:you|this number|your number){_END}",
    rf"(?:im|were) (?:not|no longer) your (?:customer|client|patient|tenant|student|member|subscriber){_END}",
    rf"have no (?:business|relationship|account|affiliation|interest) (?:\w+ )?with (?:you|your \w+){_END}",
    rf"(?:unwelcome|uninvited|unrequested|nuisance) (?:{TEXTS}|message)\b",
    rf"(?:please )?(?:respect|honou?r) (?:my|our|this) (?:opt out|wishes|request|privacy){_END}",
    rf"(?:revoke|remove|rescind) (?:any )?(?:right|ability|authority) to (?:text|contact|message) {ME}",
)
# The whole message.
WHOLE = frozenset("""
cut it out|screw off|get bent|shove it|shut up|up yours|block me|quit it already|knock it off|beat it|scram|make it stop
make this stop|no soliciting|no solicitation|no solicitors|not your customer|exclude me|drop me|purge me|erase me
""".strip().replace("\n", "|").split("|"))
