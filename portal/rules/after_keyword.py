"""What may stand behind an opt-out word without changing what it means.

Courtesy, signature, effect, number, and a reason: "STOP Sent from my iPhone", "Stop - I don't know you people".
Read clause by clause in one spelling; a clause that is none of these makes it an ordinary sentence.
"""

import re

from .wording_english import TEXTS

COURTESY = (
    "please|pls|plz|plse|kindly|thank you(?: (?:so much|very much))?|thanks(?: (?:so much|a lot|very much))?|many "
    "thanks|thx|ty|tysm|svp|stp|"
    "merci(?: (?:beaucoup|bien|d avance))?|s il vous plait|s il te plait|por favor|porfa|porfavor|gracias|muchas "
    "gracias|"
    "sir|maam|madam|god bless(?: you)?|(?:and )?have a (?:nice|good|great|blessed|lovely|wonderful) (?:day|one|"
    "evening|night|weekend|week|life)|"
    "(?:et |and )?bonne (?:journee|soiree|fin de semaine)|sincerely|(?:best |kind |warm |many )?regards|(?:best|"
    "kind|warm) wishes|cordialement|"
    "bien a vous|salutations(?: distinguees)?|atentamente|saludos|respectfully"
)
GREETING = (
    "guys|people|folks|bro|dude|man|ok|okay|hello|hi|hey|bonjour|hola|bye|no|nope|good ?bye|au revoir|adios|sorry|"
    "desolee?|cheers|amen|et|and|y|"
    "just|hi there|dear sir or madam|dear (?:sir|madam)|good (?:morning|afternoon|evening|day)|once again|again|"
    "buenos dias|buenas|bonsoir|allo|salut"
)
_WHEN = (
    "now|right now|immediately|right away|at once|today|asap|already|forever|for ever|for good|for real|"
    "permanently|for life|"
    "effective immediately|once and for all|for the last time|this instant|seriously|really|jeez|ffs|dammit|damn "
    "it|it now|maintenant|tout de suite|"
    "immediatement|"
    "des maintenant|pour toujours|pour de bon|ca|la|ahora|ahora mismo|ya|para siempre|de inmediato|i said stop|i "
    "said|i mean it|"
    "x\\d|definitif|definitivement|immediat|total|complet|all|everything|period|full stop|again|ever|anymore|please"
)
_PLAIN = (
    "stop ?all|stop|unsubscribe(?: me)?|unsub|opt out|optout|arret|desabonner|cancel|quit|end|remove(?: me)?|"
    "delete me"
)
_OFFERED = (
    "(?:to|2|pour|para) (?:end|stop|quit|cancel|opt out|unsubscribe|unsub|be removed|arreter|me desabonner|"
    "desabonner|cancelar|parar|opt me out)"
    f"(?: (?:all |the |these |your |this )*(?:{TEXTS}))?(?: from you)?"
)
_WHOM = (
    "(?:(?:all|the|these|those|this|your|any|more|further|future|automated|annoying|stupid|damn|unwanted|unsolicited|"
    "endless|constant|promotional|marketing|political|appointment|reminder|text|spam|sales|aux|les|ces|vos|los|de|my) "
    f"){{0,3}}(?:{TEXTS}|textos?|messages?|mensajes|envois|rappels)"
    "(?: (?:to|from|for|a) (?:me|you|this number|my phone|ce numero))?"
)
_OBJECT = r"(?:me|us|to me|this (?:number|phone)|my (?:number|phone|cell)|please|texts|messages|here)"
_CONTACTING = rf"(?:texting|messaging|contacting)(?: {_OBJECT})*|sending(?: {_OBJECT})+"
SMALL = re.compile(rf"(?:(?:{COURTESY}|{GREETING}|{_WHEN}|{_PLAIN}|{_OFFERED}|{_CONTACTING}|{_WHOM})(?= |$) ?)")

_COURTESIES = re.compile(rf"(?:{COURTESY})(?= |$) ?")

# Lines that mail programs and phones add under a text.
_DEVICE = re.compile(
    r"(?:sent|envoyee?|enviado|gesendet|inviato|verzonden|wyslano) (?:\w+ ){0,3}?(?:from|with|via|using|de|du|"
    "depuis|par|avec|partir|desde|con|von|da|"
    r"vanaf|mit|z)\b(?: \w+){0,8}|(?:get|download|obtenez|telechargez|obtener|consigue) (?:outlook|gmail|yahoo|"
    r"bluemail)(?: \w+){0,4}|"
    r"(?:yahoo|aol|proton|samsung|blue) ?mail(?: \w+){0,4}|an? (?:\w+ ){1,4}(?:smartphone|phone|device|tablet)|"
    r"(?:please )?(?:excuse|pardon|forgive) (?:\w+ ){0,3}(?:typos?|brevity|errors|thumbs)(?: \w+){0,3}|"
    "(?:with |avec |con )?(?:l )?(?:slam|loud|gentle|echo|spotlight|lasers?|confetti|balloons?|ballons?|fireworks|"
    r"invisible ink|effet|effect)(?: \w+){0,3}")
_SIGNED = re.compile(
    r"(?:\w+ ){0,3}(?:inc|llc|ltd|lte|esq|cpa|phd|md)|(?:regards|sincerely|thanks|thank you|cordialement|merci|"
    "salutations|cheers|best|saludos|"
    r"atentamente)(?: \w+){0,3}|(?:cell|mobile|tel|office|phone|fax|direct)(?: \d+)+")
_NUMBER = re.compile(
    "(?:(?:my|this|the|from|for|cell|phone|mobile|tel|no|number|is|on|at|re|about|mon|le|mi|numero|est|es|to|nr|"
    r"num|and|or) )*(?:\d+ ?)+(?:(?:is|please|thanks|thank you|number|svp|merci) ?)*")
_DIGITS = 7

_POLICE = (
    "(?:report|reporting|sue|suing|block|blocking|complain|complaint|complaints|lawyer|lawyers|attorney|police|"
    "fcc|ftc|crtc|tcpa|bbb)"
)
_LAW = (
    f"(?:{_POLICE}|cops|legal|court|authorities|harassment|charges|fine|fined|illegal|action|law|else|avocat|"
    "plainte|bloque|bloquer|denonce|"
    "denoncer|signale|signaler|poursuis|poursuivre|porte|abogado|policia|denuncio|denunciar|reportar|reporto|"
    "bloqueo|bloquear)"
)
_TRADE = (
    r"(?:dentists?|doctors?|providers?|clinics?|schools?|vets?|garages?|gyms?|banks?|numbers?|phones?|pharmac\w+|"
    r"church\w*|mechanics?|agents?|salons?)"
)
_REASONS = (
    r"(?:unknown|unfamiliar|unrecognized) (?:number|sender|caller)|(?:ive |i )?had enough\b.*|enough is enough",
    # Strangers.
    ("(?:i |we |because |and |cause )*(?:really |still |honestly )?(?:dont|didnt) (?:even |really )?(?:know|"
     "recognize|recognise|remember) "
     "(?:you|who|this (?:number|person|business|company)|what this|any of|your|anyone|anybody|where you|how "
     r"you)\b.*"),
    (r"(?:but |and )?(?:who|whos) (?:is this|is that|are you|are these|are they|this|gave|the \w+ (?:is|are)|even|"
     r"am i)\b.*|whos this\b.*"),
    r"(?:and )?(?:how|where) did you (?:get|find|have) (?:my|this)\b.*",
    r"(?:i |we )?(?:have )?no idea (?:who|what)\b.*",
    ("(?:sorry |its |this is |you have |youve |you |got |have |the |a |i think |think |thats |is )*wrong "
     r"(?!(?:turn|way|street|road|exit|floor|door|size|items?|order|one|time|day|address)\b)\w+\b.*"),
    ("(?:this |that |its |is |my |a |the )*(?:landline|work phone|work cell|work number|business line|company "
     r"phone|kids phone|private number)\b.*"),
    (r"(?:this is |im |its |thats |this |isnt )*(?:not|isnt|no longer) (?:me|him|her|\w+ (?:number|phone)|\w+ s "
     r"(?:number|phone))\b.*"),
    (r"(?:this is |im |this )?(?:not|isnt|no longer) (?!(?:the|a|an|"
     r"my|our|your|right|it|that|this|so|now|yet|here|sure|there)\b)\w+(?: \w+)?(?: anymore)?"),
    # Not theirs, not any more.
    ("(?:i |we |im |were |because |as |since |and |am |are |have )*(?:not|no longer|never|never been|never was|"
     "isnt|arent|wasnt) (?:a |an |your |the |been |my |at |"
     r"with |even )*(?:\w+ )?(?:interested|customers?|clients?|patients?|members?|owners?|subscribers?|"
     r"students?|parents?|tenants?|"
     r"resident|employee|yours)\b.*"),
    ("(?:i |we |ive |weve |because |since |as |im |have |already |just |had )*(?:moved(?= (?:away|to|out|on|last|"
     r"from|years|months|a while|\d|in|and|back)|$)|(?:switched|changed) "
     f"{_TRADE}|found (?:another|a new|someone|somebody)|sold (?:the|my|our|that) (?:car|house|home|boat|truck|"
     "business|place)|graduated|retired|"
     rf"(?:have |got )?(?:a new|another) {_TRADE})\b(?! (?:the|my|your) ).*"),
    (r"(?:because |since )?(?:he|she|they|my \w+|our \w+|the (?:patient|student|owner|tenant|customer)) (?:\w+ "
     ")?(?:died|passed|is dead|is deceased|deceased|moved (?:away|out|to)|is gone|no longer|graduated|"
     r"doesnt live|doesnt work|is not here|was sold)\b.*"),
    r"(?:i |we |because )*no longer (?:live|work|own|have|go|attend|need|use|want|wish|shop|bank|interested)\b.*",
    r"(?:i |we |because )*(?:dont|didnt) (?:live|work|go|shop|attend|bank|own)\b.*\b(?:anymore|there|here)\b.*",
    (r"(?:i |we |because )*(?:never|didnt|dont remember|dont recall) (?:\w+ )?(?:gave|give|sign|signed|signing|ask|"
     "asked|agree|agreed|consent|consented|subscribe|"
     "subscribed|opt|opted|authorize|authorized|request|requested|join|joined|enroll\\w*|registered|order|"
     "ordered|buy|bought|"
     r"apply|applied|inquire\w*|enquire\w*|contacted|shopped|used|visited|bank|banked|had an?|have an?|heard of)\b.*"),
    (r"(?:i |we )(?:really |absolutely )?dont (?:consent|agree|accept|want|need|wish|like|care|appreciate|"
     r"authorize|subscribe|"
     r"speak|read|vote|use|do business|give|support|have (?:an?|any|my|insurance|time|kids|children|pets))\b.*"),
    (r"(?:he|she|they|we|i|im|my \w+|our \w+)(?: s| is| are| am)? (?:now |currently )?in (?:an? |the )?(?:nursing|care|"
     r"retirement|hospital|hospice|long term|assisted|rehab|jail|prison)\b.*"),
    (r"(?:i |we |ive |weve |have |just |already |finally )+(?:went with|gone with|chose|chosen|hired|picked|"
     r"voted|donated|"
     r"cancell?ed|closed (?:my|our|the)|left your|signed with|bought (?:one|elsewhere|another|it|a)|"
     r"booked elsewhere|found one|"
     r"got one|have one|have another|got another)\b.*"),
    (r"(?:because |and )?(?:im|were) (?:at (?:work|school|church)|in (?:a meeting|class|bed)|sleeping|trying to|"
     r"busy|deaf|a minor|"
     r"only \d+|\d+ years|tired of|sick of|fed up|done|over it|annoyed|angry|on (?:the|a|your) (?:dnc|dont|"
     r"do not|no) )\b.*"),
    r"(?:he|she|they|my \w+|our \w+) (?:isnt|arent|wasnt|no longer|left|quit|never|is no longer|uses|owns)\b.*",
    r"(?:it|this|these|they) (?:goes|go|comes|come) (?:to|on|up on) (?:my|our|the wrong)\b.*",
    # Said before; had enough.
    ("(?:i |we |ive |weve |have |because |as |already |just |repeatedly )*(?:told|asked|texted|replied|said|sent|"
     "requested|opted|unsubscribed|informed|tried|"
     "written|complained) (?:you|this|stop|to be|to stop|twice|already|for|before|it|no|out|that|many|several|"
     "three|four|five|"
     r"multiple|so many|last|nicely|politely|repeatedly|countless|numerous|a (?:dozen|hundred|million|few)|\d)\b.*"),
    (r"(?:for |this is |its |thats |the |my )*(?:\d+\w*|second|third|fourth|fifth|sixth|tenth|last|final|hundredth|"
     "millionth|umpteenth)(?: and (?:final|last))? "
     r"(?:time|warning|request|notice|message|text)\b.*"),
    ("(?:how many times|i wont ask|dont make me|last warning|final (?:notice|warning)|(?:do not|dont|never) "
     r"(?:ever )?(?:reply|respond|text|message|contact|call|write|send|bother))\b.*"),
    ("(?:this |it |its |thats |that |these |those |your texts |your messages |is |are |was |just |so |very |really "
     "|pure |being |an? |considered )+(?:spam|scam|harassment|harassing|unwanted|unsolicited|invasion|"
     r"intrusive)\b.*"),
    ("(?:enough|spam|spammers?|scammers?|scam|not interested|no interest|unwanted|harassment|leave (?:me|us) alone|"
     "go away|get lost|fuck (?:off|you)|piss off|"
     "screw you|too many (?:texts|messages|of these)|no more|i want (?:out|off)|stranger|creeps?|assholes?|idiots?|"
     r"jerks?|you (?:people|morons?|clowns?|losers?|stupid \w+|jerks?|assholes?|creeps?|spammers?|scammers?|"
     r"idiots?))\b.*"),
    rf"(?:or|otherwise)\b(?: \w+){{0,8}}? {_LAW}\b.*",
    rf"(?:before|and|im|i|ill|we|well|next|my)\b(?: \w+){{0,6}}? {_POLICE}\b.*", rf"{_POLICE} (?:you|this|to)\b.*",
    ("(?:and |then |also |please )*(?:(?:lose|delete|remove|erase|block|scrub) (?:me|us|my|this|our)|forget (?:my|"
     r"this) number|(?:take|get|drop) (?:me|us|my \w+|this number) off)\b.*"),
    (r"(?:i |we )?(?:get|got|am getting|im getting|getting|receive|keep getting|have gotten) (?:\w+ ){0,4}?(?:texts|"
     r"messages|alerts|of these)\b.*"),
    r"(?:its|at) (?:\d+ ?am|\d+ in the morning|midnight|the middle of the night)\b.*",
    r"(?:you are|youre|you keep) (?:harassing|bothering|texting|waking|spamming|a scam|scammers)\b.*",
    (r"(?:because |and )?(?:youre|you keep|youve been|its|this is|this|it|they|these|these are) (?:just |only |"
     r"always )?(?:cost|wak|wast|"
     r"ruin|distress|upset|annoy|stress|scar|interrupt|disturb|us|clog|fill|kill|driv|eat|disrupt|bother|"
     r"interfer)(?:ing|es|s|e)?"
     r"(?: up| out| with)? (?:me|us|my|our|people|everyone|the (?:baby|kids))\b.*"),
    (r"(?:this|my) (?:phone|number|line|cell) (?:is (?:for|my|used|not|a|only|on)|isnt|was|belongs)\b.*|"
     r"youve been (?:warned|told|"
     r"reported|blocked)\b.*|vous (?:me|nous) (?:derang|achal|harcel|reveill|goss?|import|spam)\w+\b.*"),
    rf"from (?:(?:all|everything|any|your|this|these|the|of|my|future) ?)+(?:{TEXTS}|lists?|numbers?|campaigns?)?",
    r"your (?:texts|messages|alerts)\b.*",
    # French.
    r"(?:je |on |nous )?(?:ne )?(?:vous |te |le |la |t )*(?:connais|connait|connaissons|reconnais) (?:pas|plus)\b.*",
    (r"(?:ceci |ce |c |n |ici )*(?:est|suis) (?:pas|plus) (?:moi|le bon|la bonne|mon|ma|pour moi|a moi|"
     r"le numero|le cell\w*|"
     r"(?!(?:la|le|un|une|drole|bon)\b)\w+$)\b.*"),
    r"(?:mais |c est )*qui (?:etes vous|est ce|es tu|vous etes|t es|c est)\b.*",
    (r"(?:vous avez |c est |le |un |desolee? )*(?:mauvais|faux) numero\b.*|(?:vous (?:faites|avez fait) |c est "
     ")*(?:une )?erreur(?: de (?:numero|personne))?"),
    ("(?:je |nous |car |parce que |ne |n )*(?:suis|sommes) (?:plus|pas) (?:de |d |une? |votre |vos |chez |la |le "
     r")*(?:client\w*|patient\w*|abonne\w*|membre|interess\w*|inscri\w*|vous|proprietaire|locataire|eleve|"
     r"etudiante?|parent|cette personne)\b.*"),
    ("(?:je |j |nous |on |n |ne )*(?:ai|avons) (?:jamais|pas) (?:demande|donne|consenti|autorise|accepte|signe|"
     r"inscri\w*)\b.*|(?:je |j |n )*(?:habite|demeure|vis|reste|travaille) plus\b.*"),
    r"(?:je (?:ne )?suis )?pas interess\w*\b.*|ca (?:ne )?m interesse (?:pas|plus)\b.*",
    rf"(?:ou|sinon) (?:je|j|on|nous)?\b(?: ?\w+){{0,6}}? ?{_LAW}\b.*",
    ("(?:je |j |nous )+(?:vous |te |l |en )*(?:ai|avons) (?:deja |bien )*(?:dit|ecrit|demande|demenage|averti|"
     r"avise|repondu|texte|vendu|change de \w+)\b.*"),
    (r"(?:ca fait|c est|pour) (?:la )?(?:\w+ )?(?:deux|trois|quatre|\d+\w*|derniere|deuxieme|troisieme|plusieurs) "
     r"(?:fois)?\b.*|c est (?:du|de) (?:l )?(?:spam|harcelement|pourriel|abus)\b.*|laissez (?:moi|nous) "
     r"(?:tranquilles?|en paix)\b.*|j en (?:ai assez|ai marre|peux plus)\b.*"),
    (r"(?:il|elle|mon \w+|ma \w+) (?:est |a )?(?:decede|mort|demenage)\w*\b.*|(?:retir|enlev|supprim|effac|oubli|"
     r"perd)\w+ (?:moi|mon|mes|ce)\b.*|tanne\w*\b.*"),
    # Spanish.
    (r"(?:yo )?no (?:los|te|le|lo|la|les|las) (?:conozco|conocemos|autorice|pedi)\b.*|no se quien\w*\b.*|(?:tiene "
     r"(?:el )?|es (?:un |el )?)*numero equivocado\b.*|se equivoc\w+\b.*|quien(?:es)? (?:es|eres|son|habla)\b.*"),
    (r"(?:yo )?(?:ya )?no (?:me (?:interesa|escrib\w+|mand\w+|envi\w+|contact\w+|molest\w+|text\w+)|estoy "
     r"interesad\w|soy|vivo|quiero (?:mas|recibir|sus|nada)|pedi|autorice)\b.*|ya (?:les|te|le|se los) (?:dije|"
     r"pedi)\b.*"),
    (rf"o (?:los|voy|llamo|te|le|las|si no)\b(?: \w+){{0,5}}? ?{_LAW}\b.*|es (?:spam|acoso)\b.*|(?:quit|borr|sac|"
     r"elimin)\w+ mi\b.*|me (?:mude|cambie de)\b.*"),
)
REASON = re.compile(rf"(?:{'|'.join(_REASONS)})")
# A person's name, as people write it.
_TITLE = r"(?:Mr|Mrs|Ms|Dr|Mme|M)\.? "
_NAME = re.compile(
    rf"\W*(?:(?:[Tt]his (?:is|was)|[Ff]rom|[Ii]t'?s|[Dd]e la part de) )?(?P<title>{_TITLE}"
    r")?[A-ZÀ-Þ][\w'’-]*\.?(?: (?:de |van |la )?[A-ZÀ-Þ][\w'’-]*\.?){0,3}\W*")


def is_name_of_person(written: str, *, stands_apart: bool) -> bool:
    """Whether this looks like a person's name: one to four words with capitals, in its own line or with a title."""
    name = _NAME.fullmatch(written)
    return name is not None and (stands_apart or bool(name["title"]))


def is_number_clause(said: str) -> bool:
    """Whether a clause is a telephone number, with the words that go with it; "4412" may be a bus stop."""
    return bool(_NUMBER.fullmatch(said)) and sum(char.isdigit() for char in said) >= _DIGITS


def goes_with_any(said: str) -> bool:
    """Whether a clause is courtesy or what a device adds, and says nothing of its own."""
    return _taken_apart(said, _COURTESIES, (_DEVICE,))


def goes_with_stop(said: str) -> bool:
    """Whether a clause goes with a word that means nothing else, reasons included."""
    return _taken_apart(said, SMALL, (REASON, _DEVICE, _SIGNED)) or is_number_clause(said)


def _taken_apart(said: str, small: re.Pattern[str], wholes: tuple[re.Pattern[str], ...]) -> bool:
    """Whether nothing is left of a clause after small words from its beginning and one whole to its end."""
    rest = said
    while rest:
        if any(whole.fullmatch(rest) for whole in wholes) or is_number_clause(rest):
            return True
        word = small.match(rest)
        if not word:
            return False
        rest = rest[word.end():]
    return True
