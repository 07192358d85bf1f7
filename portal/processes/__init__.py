"""What runs: the web server (`serving`, `gunicorn_conf`, `arrivals`), the background process (`worker`, `tasks`)."""
