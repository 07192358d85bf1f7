"""The rooms that people enter: one blueprint each."""

from portal.blueprints import admin, auth, hooks, messaging, notices, operator, spam, status

BLUEPRINTS = (auth.bp, admin.bp, hooks.bp, messaging.bp, notices.bp, operator.bp, spam.bp, status.bp)
