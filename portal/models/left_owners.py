"""Conversations know whether their owner has left, so that the few which nobody answers are found among many.

Triggers see to it when a user is deactivated or active again, and when a conversation begins or changes hands.
"""

from .messages import Conversation
from .people import User
from .triggers import install_triggers

# By table.
LEAVING = (
    ("users", """CREATE TRIGGER owner_left_account AFTER UPDATE OF account ON users\
 WHEN (OLD.account = 'deactivated') <> (NEW.account = 'deactivated')
BEGIN UPDATE conversations SET owner_left = (NEW.account = 'deactivated') WHERE user_id = NEW.id; END"""),
    ("conversations", """CREATE TRIGGER owner_left_begun AFTER INSERT ON conversations\
 WHEN EXISTS (SELECT 1 FROM users WHERE users.id = NEW.user_id AND users.account = 'deactivated')
BEGIN UPDATE conversations SET owner_left = TRUE WHERE id = NEW.id; END"""),
    ("conversations", """CREATE TRIGGER owner_left_moved AFTER UPDATE OF user_id ON conversations\
 WHEN OLD.user_id <> NEW.user_id
BEGIN UPDATE conversations SET owner_left = EXISTS (SELECT 1 FROM users WHERE users.id = NEW.user_id\
 AND users.account = 'deactivated') WHERE id = NEW.id; END"""),
)
install_triggers((User, Conversation), LEAVING)
