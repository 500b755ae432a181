"""plotly.js as the installed plotly package has it: nothing is vendored, and nothing comes from the network."""

from functools import cache


@cache
def plotly_js() -> bytes:
    """Return the library, about 5 MB, for a page that asks for it."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs()).encode()
