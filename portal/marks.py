"""The mark for sentences that are kept or raised as they are, and translated where they are shown."""


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark an English sentence as a message id; `wording` translates it when somebody reads it."""
    return sentence
