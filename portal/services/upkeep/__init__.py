"""The database over the years: `backups` (checked against `schemas`), `retention` of texts, `housekeeping`."""
