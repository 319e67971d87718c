"""Consoles: a server's screen in the browser, through Jinyun's own websocket and a one-time ticket."""
