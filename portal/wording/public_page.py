"""The words of an organization's public page, in both languages: every reader sees both."""

from collections.abc import Mapping

# Not through gettext, which would give both parts the reader's language.
PUBLIC_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "who": "Who texted you",
        "lead": "This business sends texts through this portal.",
        "name": "Name",
        "mailing_address": "Mailing address",
        "telephone": "Telephone",
        "privacy_contact": "Questions about your data",
        "stop": "Stop their texts",
        "how": "Answer STOP to the number that texted you. It counts at once.",
        "web": "Or ask here, without a text and without an account:",
        "button": "Stop texts to my number",
        "again": "To get their texts again, text START to the same number.",
    },
    "fr": {
        "who": "Qui vous a écrit",
        "lead": "Cette entreprise envoie des textos au moyen de ce portail.",
        "name": "Nom",
        "mailing_address": "Adresse postale",
        "telephone": "Téléphone",
        "privacy_contact": "Questions sur vos renseignements",
        "stop": "Ne plus recevoir ses textos",
        "how": "Répondez ARRET au numéro qui vous a écrit. Votre demande s'applique tout de suite.",
        "web": "Ou demandez-le ici, sans texto et sans compte :",
        "button": "Ne plus écrire à mon numéro",
        "again": "Pour recevoir de nouveau ses textos, textez START au même numéro.",
    },
}
