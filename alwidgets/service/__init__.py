"""A session served to people's browsers, without Jupyter: a link each, over HTTP and WebSocket."""
