"""Keys and chords that change a notebook, or run it, when they reach JupyterLab."""

SHORTCUTS = [
    *"abcdhijklmnopqrstuvxyz",
    *["A", "B", "K", "J", "L", "M", "V", "S", "Enter", "Shift+Enter", "Control+Enter", "Alt+Enter"],
    *["ArrowUp", "ArrowDown", "Shift+ArrowUp", "Shift+ArrowDown", "Home", "End", "PageUp", "PageDown", "Delete"],
    *["3", "4", "5", "6", "0", "0", "d", "d", "i", "i", "Shift+m", "-", "/", "[", "]"],
]
