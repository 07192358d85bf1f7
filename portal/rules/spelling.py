"""One spelling for what people write in many: short forms, contractions, common mistakes.

Everything that looks for free wording reads texts in this spelling: "dont" for "do not", "don't" and "dnt".
"""

import re

# The forms on the right become the word on the left.
_ONE_WORD = {
    "you": "u yall youse", "your": "ur yr yer", "please": "pls plz plse plss pleas pleae plese pleease plzz kindly",
    "thanks": "thx thnx thanx tks ty tysm tnx tank", "are": "r", "dont": "donot dnt dun doont", "didnt": "dident didnt",
    "im": "iam", "this": "dis", "the": "teh", "and": "nd", "because": "cuz coz cause bc cos becuz",
    "text": "txt", "texts": "txts txs textmessages",
    "texting": "txting txtin textin texing txtng txing texring texxting textng",
    "texted": "txted txtd", "message": "msg mesage messege masage", "messages": "msgs mesages messeges mssgs messges",
    "messaging": "msging mesaging messeging msgin messagin", "sending": "sendin sendng sendig",
    "contacting": "contating contactin contactng", "bothering": "botherin", "bugging": "buggin",
    "harassing": "harrassing harasing harassin harrasing", "harassment": "harrassment harasment harrasment",
    "spamming": "spaming spammin", "calling": "callin", "receive": "recieve receve recive",
    "receiving": "recieving receving reciving", "getting": "gettin geting",
    "number": "numba nmber numbr nummber num nbr nmbr",
    "remove": "remoove remov rmove romove removee", "removed": "remooved", "delete": "delet deleet",
    "interested": "intrested intersted interrested interseted", "alone": "alonee aloen",
    "stop": "stahp stawp stap stopit stopp", "anymore": "anymor", "unsub": "unsubs", "quit": "quitt",
    "subscription": "subscribtion", "annoying": "anoying annoyin", "again": "agian agn", "leave": "leve",
    "wrong": "wrng rong wong", "cancel": "cancell cancle canel cansel", "reminders": "remiders remindrs",
    "notifications": "notifs notif notifcations", "information": "infos", "service": "servise", "cease": "cese",
    "desist": "decist", "opting": "optng opitng optign oping optingg", "consent": "concent", "svp": "stp svpp",
    # French.
    "plus": "pu pus plu", "arrete": "arete arretes", "arretez": "aretez areter", "je veux": "jveux jveu",
    "veux": "veu", "ecrire": "ecrir",
}
_TWO_WORDS = {
    "dont": "do not|don t|don not|do nt|dont not", "didnt": "did not|didn t", "doesnt": "does not|doesn t",
    "cant": "can t|can not|cannot", "wont": "won t|will not", "isnt": "is not|isn t|aint|ain t", "im": "i m|i am",
    "ive": "i ve|i have", "id": "i d|i would", "ill": "i ll|i will", "were": "we re", "weve": "we ve|we have",
    "wed": "we d|we would", "well": "we ll|we will", "youre": "you re|you are", "youve": "you ve|you have",
    "youll": "you ll|you will", "its": "it s|it is", "thats": "that s|that is", "whos": "who s|who is",
    "wouldnt": "would not|wouldn t", "shouldnt": "should not|shouldn t", "havent": "have not|haven t",
    "anymore": "any more|any longer|no longer more", "want to": "wanna|wana", "going to": "gonna", "got to": "gotta",
    "let me": "lemme", "i dont know": "idk", "unsubscribe": "un subscribe", "unsub": "un sub",
    "texts": "text messages|text msgs",
    "text": "text message|text msg", "opt out": "optout|opted out of it", "no more": "no mo|nomore",
    "what the": "wtf", "thank you": "thank u|thankyou", "email": "e mail", "emails": "e mails",
    "phone number": "phone num|phone no",
}
_WORDS = {wrong: right for right, wrongs in _ONE_WORD.items() for wrong in wrongs.split()}
_PHRASES = {wrong: right for right, wrongs in _TWO_WORDS.items() for wrong in wrongs.split("|")}
_LONG_DRAWN = re.compile(r"(\w)\1{2,}")

# Real words one letter away from an opt-out word.
_OTHER_WORDS = frozenset({
    "step", "shop", "slop", "stow", "atop", "top", "sop", "stoop", "stomp", "swop", "stops", "strop", "stoup", "stp",
    "stopped", "crop", "sto", "stock", "stoa", "stot", "stopper", "cancels", "chancel", "remote", "removed", "removes",
    "remover", "revoked", "revokes", "evoke", "arrets", "barret", "carret", "garret", "ferret", "unsubscribed",
    "unsubscribes", "subscribe",
})
_LIKE = ("stop", "stopall", "unsubscribe", "cancel", "remove", "revoke", "optout", "arret", "desabonner")


def normalize_spelling(said: str) -> str:
    """A folded text in one spelling, word by word; longer forms first."""
    words = _LONG_DRAWN.sub(r"\1", said).split()
    written, at = [], 0
    while at < len(words):
        pair = _PHRASES.get(" ".join(words[at:at + 2]))
        one = words[at]
        written.append(pair or _PHRASES.get(one) or _WORDS.get(one, one))
        at += 2 if pair else 1
    return " ".join(written)


def find_misspelled_keyword(word: str) -> str:
    """The opt-out word that a word misspells by one letter (two in long words); "" if there is none."""
    if word in _OTHER_WORDS or not word.isalpha():
        return ""
    return next((known for known in _LIKE if _near(word, known, 2 if len(known) > 9 else 1)), "")


def _near(word: str, known: str, most: int) -> bool:
    """Whether at most `most` letters are added, left out, replaced or swapped between two words."""
    if abs(len(word) - len(known)) > most:
        return False
    before, row = [0] * (len(known) + 1), list(range(len(known) + 1))
    for place, letter in enumerate(word, 1):
        older, before, row = before, row, [place]
        for other, wanted in enumerate(known, 1):
            costs = [before[other] + 1, row[-1] + 1, before[other - 1] + (letter != wanted)]
            if place > 1 < other and letter == known[other - 2] and word[place - 2] == wanted:
                costs.append(older[other - 2] + 1)
            row.append(min(costs))
    return row[-1] <= most
