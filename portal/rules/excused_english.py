"""English sentences that hold words of a request and are none: the writer stays, or means other people or things.

Taken out before requests are looked for, in the same spelling.
"""

from .wording_english import ME

EXCUSED = (
    # The writer wants to stay, or did not mean it.
    ("(?:please )?(?:dont|didnt mean to|dont want to|dont need to|didnt want to|didnt|dont ever|never|not|"
     "accidentally|"
     "by mistake|mistakenly|by accident|wont|wouldnt|why would i|should i|shouldnt|havent|cant) "
     "(?:stop|stopped|unsubscribe|unsubscribed|remove|opt(?! in)|opted(?! in)|cancel|end|quit|delete|take me "
     "off|take us off)"
     r"(?: \w+){0,8}"),
    (r"(?<!you )(?:keep|continue) (?:sending|texting|messaging)(?! the wrong| (?:me |us )?and (?:i|ill|im|we)\b)(?: "
     r"(?!and\b)\w+){0,6}"),
    (r"(?:accidentally|by mistake|by accident|mistakenly|didnt mean to|mistake) (?:\w+ )?(?:sent|texted|replied|"
     "typed|said|send|text|hit|wrote|say) "
     r"(?:\w+ )?stop(?: \w+){0,6}"),
    r"(?:replied|sent|texted|said|typed|wrote) (?:\w+ )?stop (?:by|on) (?:accident|mistake|purpose)(?: \w+){0,6}",
    r"(?:why did|did|when did) (?:i|we) (?:stop|opt|unsubscribe)(?: \w+){0,8}",
    (r"(?:(?:why|when|how come|since when) (?:did |have |has )?(?:you|u|they)(?: guys| all| people)? stop(?:ped)?|"
     r"(?<!if )(?<!wish )(?:you|they|youve|theyve)(?: guys| all| people)? stopped)"
     r"(?= (?:texting|sending|messaging|writing))(?: \w+){1,8}"),
    # Others do, or oneself.
    ("(?:he|she|they|it|ex|boss|mom|dad|mother|father|husband|wife|boyfriend|girlfriend|teacher|doctor|nurse|coach|"
     "kids?|son|daughter|sister|brother|friends?|who|people|everyone|someone|somebody|nobody) (?:just |really |"
     "always |please )?"
     "(?:wont|cant|doesnt|didnt|dont|never|keeps|said|says|told|told me|told us|tells me|asked me|wants me|needs "
     "me|"
     "should|made me|is|was|isnt|wasnt)(?: to| not)? "
     r"(?:stop|quit|never|no more|not interested|dont|text|texting|contact|interested|end|cancel)(?: \w+){0,8}"),
    ("(?:i|ill|im|id|ive|weve|well|we|you should|we should|lets) (?:to |just |really |better |will |can |could |"
     "should |must |have to |"
     "had to |got to |need to |going to |cant |promise to )*(?:stop|quit|stopped) (?:texting|messaging|bothering|"
     "sending|"
     r"bugging|spamming|annoying|calling)(?! (?:me|us)\b)(?: \w+){0,3}"),
    ("(?:i|we|(?<!prefer )(?<!rather )(?<!if )(?<!it )you|he|she|they|people|who|why|how come|but you|guys|ppl) "
     "(?:really |just |usually |normally |"
     "also )?"
     "(?:dont|never|didnt|doesnt|cant|wont) (?:ever |even |really |usually )?(?:text|message|call|contact|write|"
     "reply|"
     r"answer)(?: \w+){0,3}"),
    (r"(?:the|my|our|his|her|your|a) \w+(?: \w+)? (?:said|says|told me|told us|wants me|asked me|thinks|"
     "recommended)(?: to| i should| we should)? "
     r"(?:stop|quit|cancel|end|no)(?: \w+){0,6}"),
    # The writer means the phone, not silence; or means another person.
    r"(?:call|phone|ring)(?: \w+){0,3} (?:dont|not|instead of|no) (?:text|texting|message|texts)(?! (?:me|us|this))\b",
    (r"(?:dont|not) (?:text|message)(?: (?:me|us))? (?:just |please )?(?:call|phone|ring)\b(?! (?:me )?(?:or|nor|"
     "either))"),
    r"(?:no texts|no texting|dont text) (?:just |please )?(?:call|phone|ring)\b",
    r"(?:dont|never) (?:text|message) (?:and|while|at|during|in|when|if|or drive)(?: \w+){0,3}",
    (r"(?:dont|not) (?:text|message|contact) my (?:\w+ )?(?:phone|number|cell|landline) (?:\w+ ){0,2}?"
     r"(?:use|text|call|try|instead)(?: \w+){0,4}"),
    # Other things with the same names.
    (r"(?:unsub\w*|opt\w* out|remove me|take me off|cancel)(?: \w+){0,5}? (?:newsletters?|emails?|mailings?|"
     "magazine|gym|"
     "podcast|channel|catalogs?|catalogues?|paper|youtube|netflix|waitlist|waiting list|wait list|insurance|trip|"
     "plan|billing|e ?billing|paperless|statements?|autopay|auto pay|flyers?|box|raffle|draw|prime|cable|"
     "spotify|course|class)"
     r"\b(?: \w+){0,3}"),
    (rf"no (?:need to|need for)(?: \w+){{0,4}}|(?:dont|doesnt) (?:need|have) to (?:text|send|reply|message|call)(?: "
     f"{ME})?"),
    ("(?:gave|give|sent|told|wrote|had|got him|dialed) (?:you |him |her |them )?(?:the |a )?wrong (?:number|"
     r"person)(?: \w+){0,4}"),
    r"(?:did|do|have|if|you) you (?:lose|lost|forget|forgot|delete|deleted|remove|removed|block|blocked)(?: \w+){0,4}",
    r"(?:i|we|you|they|he|she|ive) (?:forget|forgot|lose|lost|loose)(?: \w+){0,4}",
    r"(?:wrong number|wrong person) (?:of|for|on)\b(?: \w+){0,3}",
    r"(?:is|was|if|isnt) (?:this|it|that)(?: \w+){0,3} (?:wrong|spam|scam|harassment|not)(?: \w+){0,4}",
    (r"(?:stop|quit) (?:texting|messaging) (?:your|yourself|each other|while|at|during|and (?:driv|walk)\w+|in "
     r"class)\b(?: \w+){0,3}"),
)
