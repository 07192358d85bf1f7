"""How much of a product a run covers: `PRODUCTS=1 make test`, as .ci/run does, covers every cell.

Without it every row is covered, and of its columns what each can change by itself:

- axe, pages × (light, dark, small): every rule in light, the three that colors and size decide once in dark and small.
- hostile bodies, forms × kinds of bodies: at each form some kinds, so that every kind meets many forms.
- hostile addresses, pages × values: at each page one value, another than at its neighbor.
- fields of a form × marks or files: all fields of a form at once, and one of them alone.
- ids of old addresses, ends × people: the end that differs most, by the one who sees most.
- house rules of pages, pages × people: each page for the first who may see it, and one page that says why not.
- reports in a flood, kills of server and worker, and of several machines': a tenth, a third and an eighth as many.
- every page × languages × people: each person in one language, and each language with two of them.
- main tasks × languages: German and Polish, without French.
- the pseudo-locale on a phone: the pages that open by their address alone.
- a line that breaks again and again: for a quarter of a minute instead of a whole one.
"""

import os

WHOLE = bool(os.environ.get("PRODUCTS"))
