"""${message}.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
A table that is made anew (batch) loses its triggers: make them again.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Make it so."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Make it as it was."""
    ${downgrades if downgrades else "pass"}
