"""Situations of a clinic: what the portal answers, shows and refuses, and how it is undone; printed in docs/."""
