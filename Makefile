lock:
	.venv/bin/python -m pip install --quiet uv
