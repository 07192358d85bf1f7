"""How people ask for silence in French: the same slots as in English, in the words of Quebec and of France.

Compared with folded texts: no accents, no apostrophes ("n ecrivez"). "ne" is often left out, "plus" written "pu".
"""

TEXTS = (
    "(?:text(?:o|e)?s?|messages?|sms|rappels?|alertes?|notifications?|promos?|promotions?|publicites?|pubs?|"
    "envois?|"
    "communications?|messages? textes?|messagerie|courriels ou textos)"
)
_ANY = (r"(?:(?!(?:a|au|chez|pour|et|ou|que|qui|quand|si|dans|en|sur|je|tu|vous|il|elle|on|pas|mais|avec)\b)\w+ ){0,4}")
_CONTACT = (
    "m?(?:text(?:e|er|ez|es|ent)|ecri(?:re|s|vez|ve|t)|contact(?:e|er|ez|es)|derang(?:e|er|ez|es)|harcel(?:e|er|"
    "ez)|"
    "communiqu(?:e|er|ez)|achal(?:e|er|ez)|import?un(?:e|er|ez)|sollicit(?:e|er|ez)|relanc(?:e|er|ez)|rejoindre|"
    "embet(?:e|er|ez)|spamm?(?:e|er|ez))"
)
_SEND = r"m?(?:envo(?:yer|yez|ie|ies)|transmettre|expedier|adresser)"
_STOP = r"(?:arret(?:e|er|ez|es|ons)|cess(?:e|er|ez)|stop(?:pe|per|pez)?)"
_NOT = r"(?:plus|pas|jamais)"
_END = (
    "(?= (?:svp|s il vous plait|s il te plait|merci|maintenant|tout de suite|immediatement|du tout|bonne|bien|"
    r"jamais|la|please|stp)\b|$)"
)
_MINE = (
    "(?:(?:mon|le|ce) (?:nom|numero|cell|cellulaire|telephone|contact)|(?:mes|nos) (?:coordonnees|informations|"
    "infos|donnees)|notre numero)"
)
# "liste d'attente" and "liste du souper" are other lists.
LIST = (
    "(?:(?:la|le|les|votre|vos|ta|tes|cette|ces|ce|toutes|tous|vous) ){0,3}(?:listes?|bases?|banques?|systemes?|"
    "contacts|textos?|textes|"
    "messages|envois|rappels|dossiers?|fichiers?|registres?|bottin)"
    "(?! (?:d attente|du|des|de la|pour|de (?!(?:textos?|messages?|contacts?|diffusion|distribution|donnees|"
    "rappels?|envois?|"
    r"telephone|clients?|marketing|sms|numeros?)\b)|d (?!(?:envois?|appels?|alertes?|abonnes|ici)\b)))\b"
)
_TAKE = r"(?:retir|enlev|supprim|ray|effac|ot|sort|biff|elimin|efface)(?:er|ez|e|es)"

EXCUSED = (
    ("(?:repondez|repondre|repond|textez|texter|texte|envoyez|envoyer|envoie|ecrivez|ecrire|tapez)(?: (?:par|avec|"
     "le|mot|simplement|juste))* "
     r"(?:stop|arret|fin|desabonner|desabo|stopper)(?: (?:ou|et) \w+)? (?:pour|si|au|a|afin|en tout temps)\b(?: "
     r"\w+){0,12}"),
    (r"pour (?:ne plus|vous desabonner|arreter|se desabonner|vous desinscrire)(?: \w+){0,6}? (?:repondez|textez|"
     "envoyez|ecrivez|tapez)"
     r"(?: \w+){0,3}? (?:stop|arret|fin|desabonner)(?: \w+){0,6}"),
    r"vous (?:ne )?recevrez (?:plus|aucun)(?: \w+){0,10}",
    r"vous (?:etes|avez ete|serez) (?:maintenant |bien )?(?:desabonn|desinscri|retir)\w+(?: \w+){0,8}",
    (r"(?:n|ne|pas) (?:arretez|arrete|cessez|desabonnez|me desabonnez|me retirez|annulez)(?: \w+){0,2} pas(?: "
     r"\w+){0,6}"),
    (r"(?:continuez|continuer|veux|aimerais) (?:(?!plus|pas|jamais)\w+ ){0,2}(?:de m envoyer|a m envoyer|"
     r"recevoir)(?: \w+){0,5}"),
    (r"(?:il|elle|ils|elles|medecin|docteur|mari|femme|mere|pere|fils|fille|mon \w+|ma \w+|on) (?:n |ne |ne s "
     r")?(?:arrete|arretent|veut|veulent|est pas interess\w*|"
     r"m a dit|a dit|dit)(?: \w+){0,8}"),
    (r"(?:desabonn|desinscri)\w+(?: \w+){0,3}? (?:gym|infolettres?|courriels?|magazine|journal|revue|cours|ecole|"
     r"camp|assurance)(?: \w+){0,3}"),
    r"(?:appel\w+|telephon\w+)(?: \w+){0,3} (?:ne |n )?(?:m |me )?(?:text|ecri)\w+ pas",
    r"(?:n |ne )?(?:ecri|text)\w+ pas(?: a (?:ma|mon|mes) \w+)? (?:appel|telephon|ecri|text)\w+",
    r"mauvais numero (?:de|d|pour|sur)\b(?: \w+){0,3}", r"(?:ai|a|avais|avez) oublie mon numero(?: \w+){0,4}",
    r"(?:ai|donne|avais) (?:\w+ )?(?:mauvais|faux) numero(?: \w+){0,3}",
    r"(?:ai|avons|a) (?:\w+ ){0,2}plus de (?:textos?|messages?)", r"comme? (?:\w+ )?(?:message|texto)",
)

REQUESTS = (
    r"(?:veux|souhaite|desire) (?:plus|pas) rien (?:recevoir|savoir|avoir)",
    r"m oppose a (?:recevoir|ces|vos|ce que|tout)", r"(?:ne )?consens (?:pas|plus)\b",
    r"plus (?:son|leur) (?:numero|cell\w*|telephone)", r"mets? en demeure de (?:cesser|arreter)",
    # Do not text me.
    rf"(?:ne|n)? ?(?:me |m |nous |n )?{_CONTACT} (?:moi )?(?:plus|jamais)\b(?! tard| vite)",
    (f"(?:ne|n) (?:me |m |nous )?{_CONTACT} (?:plus|pas|jamais)(?! (?:a (?:ma|mon|mes|la|l)|tard|avant|apres|"
     r"pendant|trop|si|quand|en)\b)"),
    rf"(?:ne|n) (?:plus|pas|jamais) (?:me |m |nous |en |y )?(?:re)?{_CONTACT}",
    r"(?:ne|n) plus (?:me |m |nous )?(?:envoyer|recevoir|transmettre|appeler|communiquer|importuner|etre)\b",
    (rf"(?:ne )?(?:me |m |nous )?{_SEND} (?:moi |nous )?plus (?:rien|jamais|(?:de |d |ces |vos |aucune? )"
     rf"(?:\w+ )?(?:{TEXTS}|trucs?|affaires?|choses?|cochonneries|niaiseries|merde))\b"),
    rf"(?:ne )?(?:me |m |nous )(?:envo\w+|ecri\w+) plus{_END}",
    rf"(?:ne )?(?:me |m |nous )envo\w+ (?:plus|pas) {_ANY}{TEXTS}\b",
    (rf"{_STOP} (?:de|d|avec) (?:m |me |nous |n |la |ca )?(?:re)?(?:{_CONTACT}|{_SEND}|appeler|communiquer)\b(?! "
     "(?:la facture|le colis|les factures))"),
    rf"{_STOP} (?:svp )?(?:de|d|avec|vos|les|ces|tous|toutes|tout|toute|l|la|cet|cette|votre|aux) {_ANY}{TEXTS}\b",
    rf"(?:arretez|arrete|cessez|cesse) {_ANY}{TEXTS}\b",
    r"cess(?:ez|er) (?:toute?s? )?(?:communication|envoi|contact|cela|ca|immediatement)",
    ("^(?:svp |bonjour |merci de |veuillez )*(?:arretez|arreter|cessez|cesser|degagez|decrissez)(?: (?:ca|cela|"
     "tout|maintenant|immediatement|svp|s il vous plait|merci|tout de suite|please))*$"),
    r"^(?:svp |stop |ok |heille )*arrete(?: (?:ca|svp|maintenant|s il te plait|stp|tout))*$", r"arretez ca\b",
    # No more texts.
    rf"(?:plus|plus jamais|aucun|assez) (?:de |d |jamais de |aucun |aucune |des |ces |vos )*{TEXTS}{_END}",
    rf"plus (?:de |aucun |aucune |jamais de |d autres )+{TEXTS}\b",
    rf"^(?:non |svp |bonjour )*(?:pas|aucun) (?:de |d )?(?:autres? )?{TEXTS}{_END}",
    ("(?:ca suffit|c est assez|ca va faire|c est fini|fini) (?:avec )?(?:les|vos|ces|tous|"
     rf"de) {_ANY}{TEXTS}"), r"ras le bol d\w* (?:vos|ces) \w+",
    r"tanne\w* de (?:vos|ces|recevoir)",
    ("(?:ne )?(?:veux|veut|voulons|souhaite|souhaitons|desire|desirons|voudrais|aimerais|prefere|aime) (?:ne "
     ")?(?:plus|pas|aucun|jamais) "
     f"(?:(?:recevoir|de|d|vos|ces|aucun|aucune|autres|tes|les|avoir|me faire|envoyer) )*(?:{TEXTS}|texter|"
     r"contacter|deranger|rien de vous|rien de votre part)\b"),
    ("(?:ne )?(?:veux|veut|voulons|souhaite|souhaitons|desire|voudrais|aimerais|prefere) (?:ne )?(?:plus|pas|"
     "jamais) (?:d )?(?:etre|que vous me|en recevoir|recevoir (?:ca|cela|ces|vos|tes))(?: (?:contact|text|derang|"
     r"sollicit|joint|sur|recontact|rejoint|harcel|ecri|dans)\w*)?"),
    rf"(?:plus|pas) besoin de (?:vos|ces|tes|recevoir) {_ANY}{TEXTS}\b",
    ("(?:jamais|pas) (?:demande|accepte|consenti|autorise|voulu)(?: a)? (?:a |de |d )?(?:recevoir|etre|ces|vos|ca|"
     "cela)"),
    ("(?:jamais|pas) (?:inscrite?|abonnee?)(?: a)?"
     f"{_END}"),
    r"suis jamais (?:inscrite?|abonnee?)",
    ("(?:annul(?:er|ez|e)|mett?(?:ez|re|s) fin a|met fin a|desactiv(?:er|ez|e)|termin(?:er|ez)|suspend(?:re|ez)|"
     rf"bloqu(?:er|ez)) {_ANY}(?:l envoi|{TEXTS})\b(?! d(?:e|u) (?:cours|classe))"),
    # Take me away.
    r"(?<!l )(?:desabonn|desinscri|desabon)\w*", rf"{_TAKE} (?:moi|nous|le|la) (?:de|d|des) {LIST}",
    rf"(?:me|nous|le|la|m) {_TAKE} (?:de|d|des) {LIST}", rf"{_TAKE} {_MINE}{_END}",
    rf"{_TAKE} {_MINE} (?:de|d|des) {LIST}", rf"{_MINE} (?:\w+ ){{0,2}}(?:retire|supprime|efface|enleve|raye)\w*",
    r"(?:oubliez|perdez|oublie|perds|effacez|bloquez) (?:mon|ce) numero",
    # Leave me in peace.
    rf"si (?:vous |tu )?continu\w+ (?:a|de) (?:me |m )?(?:{_CONTACT}|{_SEND})\b",
    r"laisse[zr]? (?:moi|nous) (?:tranquilles?|en paix)",
    (r"(?:fich|fout|crisse|sacre|lach)\w* (?:moi|nous)(?= (?:la paix|patience|la patience|avec|tranquille|donc|"
     r"svp|merci)\b|$)"),
    r"(?:fich|fout)\w* le camp|va te faire|allez vous faire|mangez d la",
    r"c est (?:du|de) (?:l )?(?:harcelement|spam|pourriel)",
    (r"(?:vais|je) (?:\w+ )?(?:vous |te )?(?:bloquer|bloque|signaler|signale|denoncer|denonce|poursuivre)(?: (?:ce "
     r"numero|au crtc|a la police))?(?! (?:l|le|la|un)\b)"),
    # I said so; I take it back.
    (r"(?:demande|dit|redit|prie) (?:\w+ ){0,4}?(?:d arreter|de cesser|d arreter ca|d arret)\b(?! (?:de (?!m |me |"
     "nous )|le|la|les|mes|mon|l))"),
    r"(?:dit|ecrit|envoye|repondu|texte|mis|tape) (?:\w+ )?(?:stop|arret)\b(?! (?:de|d|au|a la)\b)",
    r"(?:retir|revoqu|annul)\w+ (?:mon|tout) consentement",
    r"(?:pas|jamais) (?:\w+ )?(?:donne|mon|de) (?:mon |ma |de )?(?:consentement|permission|autorisation|accord)",
    r"sans mon (?:consentement|accord|autorisation)", r"(?:pas|jamais) (?:consenti|autorise)",
    # Not for me.
    (r"(?:^|suis |sommes |non |vraiment |merci |bonjour |desolee? )pas (?:du tout |vraiment )?interess\w*(?= "
     r"(?:merci|svp|du tout|par vos|par votre|par ces|bonne|stop|arretez|desole|et)\b|$)"),
    (r"ne suis (?:plus|pas) interess\w*"
     f"{_END}"),
    ("ne m interesse (?:pas|plus)(?: du tout)?"
     f"{_END}"),
    r"(?:mauvais|faux) numero", r"(?:pas|plus) (?:le |au )?bon numero", r"erreur (?:de|sur le) numero",
    r"(?:plus|pas) le (?:numero|cell|cellulaire|telephone) (?:de|d|a)\b",
    r"trompez? de (?:numero|personne)|(?:mauvaise|pas la bonne) personne",
    r"personne (?:de|d|avec) ce nom|connais (?:pas|aucun\w*) (?:cette|de) \w+",
    r"(?:ne )?suis (?:plus|pas) (?:votre |une? |la |le )?(?:cliente?|patiente?|membre|abonnee?)(?! depuis hier)",
)
WHOLE = frozenset("""
arreter|arretez|arrete|arretes|cessez|cesser|cesse|degagez|degage|dehors|ca suffit|suffit|c est assez|assez
plus jamais|plus rien
repondre stop|repondre arret|texter stop|texter arret|desabonnement|desabo|desabonne|desinscription|desinscrire
non stop merci|foutez le camp
retirez moi|enlevez moi|supprimez moi|rayez moi|effacez moi|allez stop|allez arretez
""".strip().replace("\n", "|").split("|"))
