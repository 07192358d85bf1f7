"""How people ask for silence in Spanish.

Compared with folded texts: no accents, "ñ" is "n". The automatic answer is in English, as there is no Spanish one.
"""

TEXTS = (
    "(?:mensajes?|mensajitos|textos?|sms|recordatorios?|alertas?|notificaciones|promociones|publicidad|anuncios|"
    "avisos|spam|"
    "comunicacion(?:es)?|propaganda|msjs?|mensages)"
)
_ANY = r"(?:(?!(?:a|al|para|y|o|que|cuando|si|en|por|con|pero|yo|la factura)\b)\w+ ){0,4}"
_CONTACT = (r"(?:escrib|mand|envi|contact|text|molest|mensaj|fastidi|acos|llam|busqu|comuni)\w+")
_END = r"(?= (?:por favor|porfa|porfavor|gracias|ya|nunca|jamas|mas|ahora|please|de nuevo|otra vez|a este)\b|$)"
LIST = (
    "(?:(?:de|la|el|su|sus|tu|esta|este|esa|las|los|todas|todos) ){0,4}(?:listas?|base|sistema|contactos|mensajes|"
    "registros?|directorio|agenda|grupo)"
    "(?! (?:de (?!(?:mensajes|textos|contactos?|envios?|datos|difusion|distribucion|correo|sms|telefonos?|"
    r"clientes)\b)|del|para|en)\b)"
)

EXCUSED = (
    ("(?:responda|responde|responder|conteste|envie|envia|enviar|mande|manda|texto|escriba|texte) (?:con )?(?:la "
     "palabra )?(?:stop|alto|parar|baja|cancelar|salir|fin)"
     r"(?: o \w+)? (?:para|si|al|a)\b(?: \w+){0,12}"),
    (r"para (?:cancelar|dejar|no recibir|darse|salir)(?: \w+){0,7}? (?:responda|envie|conteste|mande|escriba|"
     r"texte)(?: \w+){0,3}? (?:stop|alto|baja|parar|cancelar)"),
    r"(?:ya )?no recibira (?:mas)?(?: \w+){0,6}", r"(?:ha sido|fue|esta) (?:dado|dada) de baja(?: \w+){0,6}",
    ("(?:doctor|doctora|medico|el|ella|mama|papa|esposo|esposa|hijo|hija|enfermera) (?:me )?(?:dijo|dice|no deja|"
     r"no para|no quiere|deja)(?: \w+){0,8}"),
    ("(?:yo |ya )?(?:deje|dejo|dejar|quiero dejar|debo dejar|tengo que dejar) de (?!recib|tener|envi|mand|escrib|"
     r"molest|text|contact|llam|acos|fastid|joder|spam)(?: ?\w+){0,3}"),
    r"me equivoque(?: \w+){0,6}",
    (r"(?:llame|llamen|llama|marque)\w*(?: \w+){0,3} no (?:me )?(?:mand|escrib|text|envi)\w+ (?:texto|mensaje|"
     "textos|mensajes)"),
    r"no me (?:llam|marqu)\w+(?: \w+){0,2} (?:mand|escrib|text|envi)\w+(?: \w+){0,3}",
    r"(?:quit|sac|borr)\w+ (?:de )?(?:la )?lista de (?:espera|invitados|compras)",
    r"numero equivocado de(?: \w+){0,3}",
)

REQUESTS = (
    rf"baj(?:a|e|en)(?:me|nos) de {LIST}", r"no autoriz\w+ (?:a )?que (?:me|nos)\b",
    (r"no me (?:vuelv\w+ a )?(?:escrib|contact|text|molest|busqu|acos|fastidi)\w+(?! (?:a mi (?:esposo|mama|casa|"
     r"trabajo)|el|la|al)\b)"),
    (rf"no me (?:vuelv\w+ a )?(?:mand|envi)\w+ (?:(?:mas|nada|ningun|sus|esos|estos|otro|tantos) )*(?:{TEXTS}|nada|"
     f"cosas){_END}"),
    rf"no me (?:mand|envi)\w+ (?:mas|nada|ya){_END}", r"no me (?:mand|envi)\w+$",
    (r"no (?:vuelvan|vuelva|vuelvas|quiero que me|me vuelva\w*) (?:a )?(?:me )?(?:escrib|mand|envi|contact|text|"
     r"molest|llam)\w+"),
    rf"no (?:mand|envi|escrib)\w+ (?:mas|ya|nada)(?: {TEXTS})?{_END}", rf"no (?:mand|envi)\w+ {_ANY}{TEXTS}\b",
    (f"(?:dej|par|ces)(?:a|e|en|es|ar|as) (?:ya )?(?:de|con) (?:me )?(?:{_CONTACT}(?: y (?:mand|envi|escrib|"
     r"text)\w+)?|joder|jod\w+|chingar|spam\w*)(?! (?:a mi (?:trabajo)|la factura|los paquetes)\b)"),
    (r"(?:dejar|parar|cancel\w+|deten\w+|paren|pare|para|dejen|deje|basta de|basta con|alto a|terminen|no mas|"
     r"suspend\w+|desactiv\w+|quit\w+|bloque\w+) (?:con |de |los |las |mis |estos |estas |sus |tantos |mas |todos |"
     rf"recibir |mandar |enviar )*{TEXTS}\b"),
    rf"no (?:quiero|deseo|queremos|necesito|solicite|pedi|autorizo|autorice|quisiera|acepto) {_ANY}{TEXTS}\b",
    ("no (?:quiero|deseo|queremos|quisiera) (?:que me |ser |seguir |recibir |volver a )+(?:contact|text|molest|"
     r"escrib|mand|recib|envi|esto|nada|mas|estos|saber)\w*"),
    r"no (?:quiero|deseo) (?:saber|nada) (?:\w+ )?(?:nada )?(?:de|con) (?:ustedes|ud|usted)",
    rf"(?:quit|sac|borr|elimin|remuev|saqu|retir|remov)\w*(?:me|nos|lo)? (?:de|del) {LIST}",
    ("(?:quiten|saquen|borren|eliminen|remuevan|saque|quite|borre|elimine|retiren|olviden|pierdan|borra|quita) "
     r"(?:mi|este|mi \w+) (?:numero|nombre|telefono|celular|contacto)"),
    ("(?:quit|sac|borr|elimin|remuev|saqu)(?:a|e|en|uen)(?:me|nme|nos)"
     f"{_END}"),
    r"(?:darme|denme|deme|dar|dame|doy|darnos|dar me|solicito la|pido la) (?:de )?baja(?! (?:el|la|una)\b)",
    r"(?:desuscrib|desinscrib|desafili)\w*",
    rf"dej(?:o|ar|amos) de recib\w+ {_ANY}{TEXTS}\b",
    r"cancel\w+ (?:mi |la |esta )?(?:suscripcion|subscripcion)(?= (?:por favor|gracias|ya|a (?:los|estos|sus) \w+)|$)",
    r"numero equivocado", r"se equivoc\w+(?: de (?:numero|persona)|$)", r"equivocad[oa] de (?:numero|persona)",
    r"(?:no es|ya no es|este no es) (?:el|su) numero de", r"persona equivocada|aqui no (?:vive|hay)",
    r"no me interesa(?:n)?(?= (?:gracias|por favor|nada|para nada|su|sus|ya)\b|$)",
    r"(?:^|yo |ya |gracias )no (?:estoy|estamos) interesad\w+(?= (?:gracias|por favor|en sus|en su|en recibir)\b|$)",
    r"dej(?:e|en|a)(?:me|nme|nos) (?:en paz|tranquil\w+|de \w+)",
    r"(?:revoco|retiro|cancelo) mi (?:consentimiento|permiso|autorizacion)",
    r"no (?:di|doy|dimos|tienen|les di|les doy|he dado) (?:\w+ )?(?:permiso|consentimiento|autorizacion)",
    r"(?:dije|pedi|dicho|pedido|digo) (?:que )?(?:paren|pare|dejen|deje|basta|stop|alto|no)\b(?! (?:de tomar|puedo))",
    r"es (?:acoso|spam|hostigamiento)",
    r"(?:voy a|los voy a|te voy a|la voy a) (?:bloquear|reportar|denunciar|demandar)",
    r"vayan?se (?:a la|al)|vete a la|chinguen? (?:a|tu)",
    ("ya no (?:quiero|deseo|necesito) (?:nada|esto|mas|sus|recibir|estos)(?: (?:mensajes|textos|nada|mas|esto|de "
     "ustedes))?"
     f"{_END}"),
    r"ya no soy (?:su )?(?:cliente|paciente)",
)
# The whole message, courtesy aside.
WHOLE = frozenset("""
alto|parar|pare|paren|para ya|basta|basta ya|ya basta|ya estuvo|no mas|ya no mas|ya no|no mas mensajes|cancelar
cancelen|detener|detenganse|deten|baja
salir|eliminar|remover|desuscribir|no molestar|no molesten|no moleste|no molestes|pare por favor|td
""".strip().replace("\n", "|").split("|"))
