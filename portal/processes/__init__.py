"""What runs: the web server (`serving`, `gunicorn_conf`, `arrivals`), the background process (`worker`, `tasks`).

`supervising` starts and ends both; `preloading` loads before that what they share; `fair_share` spreads connections.
"""
