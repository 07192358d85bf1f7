"""locations from before that may be in Quebec, whose language of answers nobody has chosen.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

# The zones of Quebec, and what people set instead where the clock is the same.
ZONES = ('America/Toronto', 'America/Montreal', 'Canada/Eastern', 'America/New_York', 'America/Halifax',
         'Canada/Atlantic', 'America/Blanc-Sablon', 'America/Puerto_Rico')


def upgrade() -> None:
    """Make it so."""
    op.add_column('locations', sa.Column('asks_language', sa.Boolean(), server_default=sa.text('0'), nullable=False))
    places = sa.table('locations', sa.column('asks_language', sa.Boolean), sa.column('country', sa.String),
                      sa.column('answer_language', sa.String), sa.column('time_zone', sa.String))
    op.execute(places.update().where(places.c.country == 'CA', places.c.answer_language == 'keyword',
                                     places.c.time_zone.in_(ZONES)).values(asks_language=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column('locations', 'asks_language')
