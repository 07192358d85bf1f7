"""The portal over the years: its database, and what can go wrong around it.

`backups` (checked against `schemas`, kept in a `backup_folder`), `retention` of texts and `housekeeping` keep the
database; `tables` says whether it is one of this version. `doctor` looks at everything: at the portal's parts
(`health`) and at the machine (`machine`); `alarms` writes to the operators what is newly wrong.
"""
