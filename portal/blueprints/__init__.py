"""The rooms that people enter: one blueprint each."""

from portal.blueprints import admin, auth, hooks, messaging, notices, operator, search, spam, status

BLUEPRINTS = (auth.bp, admin.bp, hooks.bp, messaging.bp, notices.bp, operator.bp, search.bp, spam.bp, status.bp)
