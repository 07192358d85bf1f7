"""The rooms that people enter: one blueprint each."""

from portal.blueprints import admin, auth, notices, operator, status

BLUEPRINTS = (auth.bp, admin.bp, notices.bp, operator.bp, status.bp)
