"""The formats of labels, a module a tool."""
