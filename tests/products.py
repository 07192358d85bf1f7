"""How much of a product a run covers: `PRODUCTS=1 make test`, as .ci/run does, covers every cell.

Without it every row is covered, and of its columns what each can change by itself:

- axe, pages × (light, dark, small): every rule in light, the three that colors and size decide in the others.
- hostile bodies, forms × kinds of bodies: at each form some kinds, so that every kind meets many forms.
"""

import os

WHOLE = bool(os.environ.get("PRODUCTS"))
