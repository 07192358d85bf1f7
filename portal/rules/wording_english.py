"""How people ask for silence in English: a verb that ends something, and the texts, the list or the consent it ends.

Compared with folded texts in one spelling (`normalize_spelling`): "dont" is "don't" and "do not", "im" is "I'm".
Every wording begins with a fixed word, and what may stand between is bounded, so that a long hostile text costs
no more than a long friendly one.
"""

# --- the slots ---------------------------------------------------------------

TEXTS = (r"(?:texts|texting|text|sms|messages|messaging|alerts|notifications|reminders|notices|promos|promotions|ads|"
         r"advertisements|marketing|spam|solicitations|blasts|communications?|correspondence|contact|spamming)")
# Whose number or name; "my mother" is another person and needs "again".
ME = (
    r"(?:me|us|this (?:number|phone|cell|line|person|address)|here|(?:my|our|this) (?:\w+ )?(?:number|phone|cell|"
    "line)|"
    "(?:this|my) (?:phone|cell|mobile) (?:number|phone))"
)
MINE = (
    r"(?:me|us|him|her|them|it|\d{3,}(?: \d+){0,3}|(?:my|our|this|that|his|her) (?:\w+ ){0,2}?(?:number|"
    r"numbers|phone|cell|name|info|"
    "details|"
    "information|contact|contacts|data|family|husband|wife|mother|father|mom|dad|son|daughter|parents|records?))"
)
# Words that lead elsewhere: "stop by and bring the texts".
_LINKS = (r"by|in|at|on|and|or|to|for|when|if|from|until|before|after|so|that|i|you|he|she|we|they|but|because|with|"
          r"about|are|is|was|not|dont|cant|will|would|please")
_ANY = rf"(?:(?!(?:{_LINKS})\b)\w+ ){{0,4}}"
# The lists that texts are sent by; a waitlist, a guest list or a shopping list is another.
_KIND = (r"(?:text|texting|texts|sms|call|calling|phone|contact|contacts|mailing|message|messages|messaging|marketing|"
         r"distribution|notification|alert|reminder|promo|promotional|customer|client|send|spam|broadcast|blast|"
         r"mass|group|automated|auto|recipient|subscriber|subscription|number|outreach|and|calls?)")
LIST = (rf"(?:(?:your|this|the|these|that|ur|all|any|of) ){{0,3}}(?:{_KIND} ){{0,3}}"
        r"(?:lists?|database|data base|systems?|texts|messages|sms|contacts|alerts|reminders|notifications|text|"
        r"phone book|address book|directory|rolodex|program|rotation|records|files?|thread|chain|texting|spam|"
        r"mailings?|service)"
        r"(?! (?:for|of|on|at|to|as|by)\b)")
HERE = r"(?:this|here|these|it|that)(?= (?:please|now|anymore|thanks|immediately|asap|ok)\b|$)"
CONTACTING = (
    "(?:texting|messaging|contacting|bothering|bugging|harassing|pestering|annoying|spamming|hounding|disturbing|"
    "stalking|bombarding|badgering|blowing up|hitting (?:me|us) up|reaching out|soliciting|emailing|"
    "communicating|sending|calling|writing|pinging|messing with|blasting|trying to (?:reach|contact|text))"
)
_CONTACT = r"(?:text|message|sms|contact|write|reach out|dm|ping|communicate|respond|reply|hit (?:me|us) up)"
_OR_CALL = r"(?:(?:call|email|phone|ring|mail) (?:or|and|nor) )?"
_NOT = r"(?:dont|didnt|never|no longer|not|cant|wouldnt|doesnt|neither|nor)"
_AGAIN = (
    "(?:again|anymore|ever|any further|no more|further|back|at all|about this|from now on|going forward|in future)"
)
_END = (
    "(?= (?:please|thanks|thank|anymore|again|ever|now|already|ok|no more|immediately|at all|period|bye|lol|or|"
    r"sir)\b|$)"
)
_ENDING = (
    "(?:stop|quit|cease|end|cancel|discontinue|terminate|halt|cut out|cut it out with|knock off|knock it off with|"
    "quit with|"
    "stop it with|stop with|lay off|enough with|enough already with|enough of|turn off|shut off|switch off|"
    "disable|deactivate|suspend|no more|no further|done with|tired of|sick of)"
)
_ASKED = r"(?:asked|told|tell|telling|asking|begging|beg|want|need|like|love|wish|request|requested|demand|ask)"
_CONSENT = (
    r"(?:consent|permission|authorization|authorisation)(?! (?:slip|form|letter|to (?:use|share|go|photo\w*|treat)|"
    r"for (?!texts|messages|communication|these|this|contact|any|sms))\b)"
)

# --- requests ----------------------------------------------------------------

_OFF = r"(?:from|off|off of|out of|of|on|in|at)"
_LATER = (
    "(?! (?:till|until|til|before|after|yet|during|while|tonight|today|between|so late|so early|in class|at "
    r"(?:work|night|\d))\b)"
)
REQUESTS = (
    # Asked in other forms.
    r"(?:remove|take|get) (?:me|us) (?:from|off) (?:whatever|all|any|every)\b", "texting the wrong (?:number|person)",
    rf"(?:can|could|would|will) you (?:please |just |maybe )?not (?:text|message|contact)(?: (?:me|us|this)|{_END})",
    ("(?:prefer|rather|appreciate|like|wish)(?: it)?(?: if)? you (?:didnt|dont|not|stopped|stop|would stop|wouldnt|"
     "quit) "
     r"(?:text|message|contact|texting|messaging|contacting)\b"),
    r"appreciate (?:not|no longer) (?:being|getting) (?:texted|contacted|messaged|texts|messages)",
    r"(?:dont|never) be (?:texting|messaging|contacting)",
    ("count (?:me|us) out of (?:these|your|the) "
     f"{TEXTS}"),
    rf"(?:these|the|your|all) {TEXTS} stop{_END}",
    rf"{TEXTS} (?:\w+ ){{0,8}}?(?:stop|end|cancel) (?:them|these|it){_END}",
    r"(?:keep|kept) (?:saying|texting|sending|replying|typing|telling you) (?:to )?stop\b(?! by\b)",
    r"(?:said|texted|sent|replied|typed) stop (?:\w+ ){0,3}times",
    r"(?:your|the|texting|sending|replying) stop (?:doesnt|isnt|didnt) work\w*",
    r"^no interest(?: (?:thanks|at all|remove|stop))?$", rf"^(?:please )?enough (?:of )?(?:the |your |these )?{TEXTS}",
    r"(?:no|nobody|no one|not a) (?:\w+ ){1,2}?(?:at|on|with) this number", r"please remove$",
    r"^take off (?:your |the |this )?list", r"^off (?:of )?the list",
    ("(?:turn|shut|switch) (?:all )?(?:these|those|the|your) (?:texts |messages |alerts |notifications |reminders "
     r")?off(?! (?:the|when)\b)"),
    r"if you (?:keep|continue|dont stop) (?:texting|messaging|contacting|bothering|sending|harassing)",
    r"keep (?:texting|messaging|contacting|bothering)(?: me| us)? and (?:i|ill|im|we|well)\b",
    r"(?:contact|text|message|bother) (?:me|us) again (?:and|or)\b", r"(?:never|didnt) (?:opt|opted) in\b",
    ("(?:not|isnt|never|arent) (?:allowed|authorized|permitted|welcome) to (?:text|contact|message) (?:me|us|this|"
     r"my)\b"),
    r"who (?:authorized|gave|allowed) you (?:to |permission to )?(?:text|contact|message)",
    r"(?:consent|permission) (?:is |has been |hereby )*(?:revoked|withdrawn|denied)",
    r"^stop (?:please|svp|por favor)(?! (?:by|at|in|on|the|for|before|and)\b)",
    r"arretez? (?:de )?(?:texting|messaging)",
    (r"(?:remove|delete|take|erase|scrub|drop) (?:the|that|this) (?:\w+ )?(?:number|phone|cell|contact)(?: above| "
     f"below)? (?:from|off|off of) {LIST}"),
    ("(?:me|us|my number|my name|this number|him|her) (?:from|off|off of|out of) (?:your |the |this |all |any "
     r")*(?!wait\w*\b|guest\b)(?:\w+ ){0,2}?(?:text|texting|sms|message|messaging|"
     "reminder|contact|alert|mailing|distribution|marketing|notification) (?:lists?|system|database|program)"),
    (r"(?:remove|take|get|delete) (?:me|us|my number|this number) (?:from|off|off of) (?:\w+ ){0,2}(?:texts|"
     r"messages|reminders|alerts|texting)\b"),
    rf"(?:remove|take|delete)(?: me| us| it| this)? (?:from|off) (?:{_KIND} ){{1,3}}lists?",
    # Take me away.
    ("(?:remove|delete|drop|scratch|erase|purge|unenroll|unregister|deregister|disenroll|unlist) (?:me|us)"
     f"{_END}"),
    (f"(?:remove|delete|drop|scratch|strike|cross|erase|purge|scrub|exclude|clear|get|take|taking|pull) {MINE} "
     f"{_OFF} (?:of )?{LIST}"),
    rf"(?:remove|delete|drop|get|take|taking|leave|keep) (?:me|us) (?:from|off|off of|out of) {HERE}",
    ("(?:remove|delete|drop|erase|scrub|purge|lose|loose|forget|block|unregister|deregister|take out) (?:my|our|"
     r"this) (?:\w+ )?"
     "(?:number|digits|contact info|contact details|contact information|details)"
     "(?! (?:plate|of|for|on|ending|is|was|in|and use|and put|and add|when|at the|from the(?! (?:list|system|"
     r"database))))\b"),
    (r"(?:take|taking) (?:my|our|this) (?:\w+ ){0,2}?(?:number|details|info|information|name) (?:off|out)"
     f"{_END}"),
    ("(?:take|get) (?:me|us) off"
     f"{_END}"),
    ("(?:remove|delete) (?:my|our) (?:name|info|information|contact|contacts|data|phone|cell)"
     f"{_END}"),
    r"remove (?:it|this number|this one|this phone)(?: from your \w+)?$",
    ("(?:removed|deleted|taken off|taken|dropped|off|get off) (?:from |off |of |out of )*(?:your|this|these|all "
     f"your|(?<!^off )(?<! off )the) {LIST}"),
    rf"(?:remove|take|delete) from (?:your|this|the) {LIST}",
    ("(?:want|like|wish|need|ask|request|asked|asking|demand)(?: (?:to be|to get|i be|we be|be))? (?:removed|"
     "deleted|unsubscribed|taken off|opted out|off)"
     f"{_END}"),
    (r"(?:my|our) (?:\w+ ){0,2}?(?:details|number|name|info|information|contact) (?:to be|be|should be|must be|"
     "needs to be|has to "
     "be|needs|removed)(?: (?:removed|deleted|erased|taken|off))(?! (?:of the|from the))"),
    r"forget you (?:ever )?(?:had|have|got|saw) (?:my|this) number", r"dnc list|do not (?:call|text) registry",
    r"(?:dont|no) (?:call|contact|text|disturb|texting)(?: \w+)? list",
    r"put (?:me|us|my number) on (?:your|the) (?:dont|no)",
    ("want (?:off|out of) (?:of )?(?:this|these|your|the) "
     rf"(?:{_KIND} ){{0,2}}"
     "(?:list|lists|texts|messages|thread|chat)"),
    r"want out(?: of (?:this|these|it|here))?(?= (?:please|now)|$)",
    ("get off (?:of )?(?:this|your|the) "
     rf"(?:{_KIND} ){{0,2}}"
     "(?:list|lists)"),
    r"get off my phone", r"take (?:me|us) out of your",
    # Leave me in peace.
    (r"leave (?:me|us|my family)(?: (?:the|fucking?|hell|fuck|freaking|damn|well)){0,2} (?:alone|"
     r"be)(?! (?:at|with|in|the|home|time|for|until)\b)"),
    r"leave (?:me|us) in peace",
    (r"^(?:\w+ ){0,2}(?:fuck|piss|bugger|eff|f|buzz|bug|sod|back|jog) (?:right )?off"
     f"{_END}"),
    ("^(?:please |just |now )*(?:go away|get lost|get a life|go to hell|drop dead|screw you)"
     f"{_END}"),
    (r"^(?:\w+ ){0,2}(?:this|that|thats|its|your texts|these|these texts|these messages|youre) (?:is |are |just |"
     "pure |called |"
     r"total |considered )*(?:harassment|harassing|spam|illegal|unwanted|unsolicited)\b(?! (?:or|call|from)\b)"),
    (r"(?:will|ill|im|am|going to|were|have|be|to) (?:\w+ )?(?:block|report|blocking|reporting)(?:ed)? (?:you|this "
     "number|your number|this as)"),
    r"(?:reporting|blocking) (?:you|this number|your number|this as spam)", r"(?:blocked|reported) as spam",
    r"(?:next|one more|another|1 more) (?:text|message|sms)(?: from you)? (?:and|or) (?:i|ill|im|we|well|my)",
    r"if (?:you|i) (?:text|message|contact|get|receive|write)(?: \w+){0,3} again", r"unwanted (?:texts|messages)",
    # Do not text me.
    ("(?:dont|never|not to|never to|to not|stop trying to|dont you dare|no one should) (?:ever |want you to |you "
     "ever |you dare )*"
     rf"{_OR_CALL}{_CONTACT}(?: (?:or|and|nor) (?:call|email|text|phone|message))?(?: to)? (?:{ME}\b{_LATER}|"
     rf"{_AGAIN}\b|"
     rf"(?:my|his|her) \w+ {_AGAIN})"),
    (f"(?:dont|never) (?:ever )?{_OR_CALL}(?:text|message|sms|contact)(?: or (?:call|email|text))?"
     f"{_END}"),
    ("(?:dont|never) (?:ever )?(?:bother|disturb|harass|spam|pester|bug) (?:me|us|this number)(?! with (?:the|that|"
     r"details|it)\b)"),
    ("(?:dont|never|not|not to|to not) (?:ever )?send (?:me |us |any |anymore |more |these |those |this |such |"
     "your |out |further )*"
     rf"(?:(?:{TEXTS}|stuff|anything|things|nothing)\b|{_AGAIN}\b|(?:these|those|this){_END})"),
    (r"refrain from (?:\w+ ){0,2}?"
     f"{CONTACTING}"),
    r"(?:dont|never) want (?:you )?to (?:text|contact|message|be texting)",
    (r"(?:stop|quit|cease|discontinue|halt|avoid) (?:\w+ )?(?:texting|messaging|contacting|bothering|bugging|"
     "harassing|pestering|"
     "spamming|hounding|annoying|badgering|bombarding|disturbing|stalking|soliciting|communicating)"
     "(?= (?:me|us|this|my|our|here|him|her|them|please|already|now|and|immediately|with me|with us|people|these|"
     "any|all|"
     r"thanks|or|again|the wrong|so much|everyone|bro|dude|man|from|at once|i|we|its|you|for|asap)\b|$)"),
    ("(?:stop|quit|cease) (?:blowing up|hitting (?:me|us) up|blowing (?:me|my)|calling (?:me|us|and|this|my)|"
     "writing (?:to )?(?:me|us)|"
     "emailing|reaching out|trying to)"),
    ("(?:stop|quit|cease|discontinue|halt) (?:sending|receiving|getting)(?: (?:me|us|this number|my phone))?"
     "(?: (?:these|those|this|that|your)(?: (?:stuff|crap|shit|junk|things?|nonsense|garbage|bs|anymore|"
     f"please))?{_END}|{_END})"),
    ("(?:stop|quit) sending (?:me|us|these|those|this stuff|your)(?! (?:the|to|my|invoices?|bills?|blue|large|"
     r"small|orders?)\b)"),
    rf"(?:stop|quit|cease|discontinue|halt|end) (?:sending|receiving|getting)(?: (?:me|us|him|her))? {_ANY}{TEXTS}\b",
    # No more texts.
    (rf"{_ENDING} {_ANY}{TEXTS}\b(?! (?:for|to|about) (?!my (?:account|number|phone|line|cell|file)\b)(?:the|my|him|"
     r"her|a)\b)(?! (?:lens|lenses|form|person)\b)"),
    (rf"{_ENDING} (?:sending |getting |receiving )?(?:all |any |these |your )*(?:communication|contact)\b(?! "
     r"(?:lens|form)\w*)"),
    ("^(?:please |just |ok |hi |hello |thanks |and |absolutely |nope |no )*no (?:texts|texting|messages|contact|"
     "sms|reminders|text)"
     f"{_END}"),
    r"no calls (?:no|or|and) texts", r"no more of (?:this|these|those|your)", r"said no more", r"cease and desist",
    r"cease (?:all|any|immediately|contact)",
    (f"{_NOT} (?:really |even |ever )?(?:want|wish|need|like|agree to|authorize|appreciate|asked? for|ask to get|"
     "request|requested|"
     "sign up for|signed up for|subscribe to|want to see|require|consent to|consented to|approve|approved)"
     "(?: to)?(?: (?:get|getting|receive|receiving|be getting|be receiving|keep getting|have|see|being sent))? "
     rf"(?!any reminder\b){_ANY}{TEXTS}\b"),
    (f"{_NOT} (?:want|wish|like|need|care|asked?|agreed?|consent|consented|consenting|authorized?|sign(?:ed)? up|"
     "interested) "
     "(?:in |to )?(?:get|getting|receive|receiving|keep getting|keep receiving) (?:these|this|those|them|any|"
     "anything|it|your|such|more)"),
    (f"{_NOT} (?:want|wish|like|need|care|consent|consented|agree|agreed|consenting) to (?:be|being|get|hear) "
     "(?:contacted|texted|messaged|bothered|"
     r"solicited|spammed|reached|disturbed|on (?:your|this|the) (?:\w+ )?list|from (?:you|your))"),
    ("(?:prefer|rather|like|wish|asking|asked|request|requested)(?: to)? (?:not|never|no longer)(?: to)? (?:be |"
     "get |receive |hear |have )"
     "(?:contacted|texted|messaged|bothered|from you|these|this|any|your|texts|messages)"),
    ("no longer (?:want|wish|interested in|need|care)(?: to)? (?:be |get |receive |hear |receiving |getting |have "
     ")*(?:contacted|texted|"
     "messaged|bothered|from you|these|this|any|your|texts|messages|reminders|part of)"),
    ("(?:never|didnt) (?:sign|signed) up(?: for (?:this|these|any|anything|any of this|it|that))?"
     f"{_END}"),
    ("(?:never|didnt|dont remember|dont recall) (?:ask|asked|agree|agreed|consent|consented|subscribe|subscribed|"
     "signing up|sign up|"
     "signed up|opt in|opted in)(?: (?:for|to))? (?:this|these|any of (?:this|these)|texts|be texted|get|your|"
     r"receive)\b"),
    (f"(?:want|like|need|ask|demand|request|make|get|have) (?:for )?{_ANY}(?:{TEXTS}|this|it) (?:to )?(?:stop|end|"
     "cease)(?:ped)?"
     f"{_END}"),
    rf"(?:{TEXTS}|these|it all) (?:need|needs|has|have|must|should|better|got|will|to)(?: to)? (?:stop|end|cease)",
    ("(?:stop|end|quit) receiving (?:these|this|from you|them)"
     f"{_END}"),
    ("(?:stop|quit) getting (?:these|this)"
     f"{_END}"),
    # I said so; I take it back.
    (rf"(?:i|we|ive|weve|have|already|id|im|were) (?:\w+ ){{0,3}}?{_ASKED} (?:you |you guys |you all |them |that "
     rf"you )(?:\w+ ){{0,3}}?(?:to )?(?:please )?"
     "(?:stop|quit|cease)(?= (?:please|twice|already|last|three|many|several|before|again|it|this|now|thanks|so|"
     r"and|with|\d|multiple|two)\b|$)"),
    (r"(?:i|we|ive|weve|already) (?:\w+ ){0,3}?(?:said|texted|sent|replied|typed|wrote|say|text|answered|"
     "responded)(?: (?:you|the word|with|back|no))? "
     r"(?:stop|unsubscribe|no)(?= (?:twice|already|\d|many|three|two|several|times|and you|last|before|yesterday|"
     "again|to this|to these|so|"
     r"please|months?|weeks?|but|multiple|a)\b|$)"),
    r"(?:how many times|what part of|which part of|how often)(?: \w+){0,7}? stop\b",
    ("(?:^|i |we |ive |already )said stop"
     f"{_END}"),
    ("(?:can|could|will|would|cant|wont) you (?:all |guys |people )?(?:please |just |kindly |ever )*(?:stop|"
     "quit)(?: (?:it|this|that|with the (?:texts|messages)))?"
     f"{_END}"),
    ("(?:please|just|and|so|now|you can|for the last time|lord|god|ok) stop(?: (?:already|now|it now|please|this|"
     "immediately|thanks|thank you))*$"),
    r"you can stop now", r"(?:stop|quit) (?:it|this|that) (?:now|already|immediately)",
    r"opt(?:ing|ed|s)? (?:me|us|my number|this number|my phone|her|him|out my number|us all) out",
    r"opt(?:ing|ed)? out(?! (?:of|forms?|sheet|letter|date|deadline|fee|box)\b)(?= |$)",
    (f"opt(?:ing|ed)? out of (?:(?:all|any|these|this|your|the|receiving|getting|further|future|more) )*(?:{TEXTS}|"
     "list|lists|"
     f"(?:this|all|everything|these|it){_END})"),
    r"(?:un ?s?u?[bs]{1,2}[cs]{0,2}r?[ie]{0,2}[rb]{1,2}\w*|unsub)",
    r"stop (?:period|full stop|exclamation (?:point|mark))$",
    (r"(?:revok\w+|withdraw\w*|rescind\w*|retract\w*|take back|pull) (?:my |all |any |our |the )*(?:prior |"
     f"previous |express )*{_CONSENT}"),
    ("(?:dont|never|no longer|didnt|not) (?:have|had|give|gave|given|giving|grant|granted)(?: you)?(?: my| our| "
     f"any| the| permission or)* {_CONSENT}"),
    (r"(?:dont|didnt|never|not) (?:consent|consented|consenting) to (?:these|this|be|being|receiv\w+|your|any of|"
     r"text\w*|messages)"),
    r"(?:without my|no) consent$",
    ("(?:end|cancel|stop|terminate|discontinue) (?:this|the|your|my) (?:text |texting |sms |alert |messaging |"
     "reminder )*(?:service|subscription)"
     r"(?= (?:please|now|for me|thanks|thank|immediately|to these|to your texts|to the texts|anymore)\b|$)(?<!my "
     "subscription)(?<!the subscription)"),
    r"subscription to (?:these|your|the) (?:texts|messages|alerts)",
    # Not for me.
    ("(?:^|(?:im|were|we|i|am|are|but|no|nope|hi|hello|sorry|really|just|still|thanks) )not (?:at all |really |"
     "remotely )?interested"
     "(?= (?:please|thanks|thank|sorry|anymore|at all|bye|sir|in your|in any|in anything|in this offer|in getting|"
     "in receiving|in these|"
     r"in being|in texts|stop|leave|and (?:dont|please|never)|dont|lose|remove|take|so)\b|$)"),
    ("(?:you|youve|youre|i think|think) (?:must |probably |may |might |have |got |has |reached |texted |texting |"
     "are |still |all |be |the |"
     "youve |you )*wrong (?:number|person|guy|phone|party|one)"),
    ("^(?:(?:sorry|um|oops|hi|hello|hey|no|its|this|is|the|you|think|thats|i|a|nope|but|lol|hmm|dude|u) )*wrong "
     r"(?:number|person|guy)\b"
     r"(?! (?:of|for|on|is|was|in|at)\b)"),
    r"(?<!gave you the )(?<!have the )wrong number$(?<!is this the wrong number)",
    (r"(?:this|thats|its) (?:is )?(?:isnt|not|no longer) (?!my |the right |your )(?:\w+ ){1,3}?(?:number|phone|"
     "cell)(?: anymore)?"
     f"{_END}"),
    r"(?:nobody|no one|no) (?:here )?(?:by|with|named|of) (?:that|this) name",
    r"number (?:no longer|doesnt) belongs? to",
)
