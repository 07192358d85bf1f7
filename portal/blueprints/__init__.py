"""The rooms that people enter: one blueprint each."""

from portal.blueprints import admin, auth, hooks, notices, operator, status

BLUEPRINTS = (auth.bp, admin.bp, hooks.bp, notices.bp, operator.bp, status.bp)
