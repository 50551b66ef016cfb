"""Libraries for agents: tools of the Model Context Protocol that search, quote and show pages.

    from bifolio.mcp import Shelf, mcp_server

    mcp_server(Shelf({"handbook": Path("handbook.bifolio")})).run()

``bifolio mcp`` is this in a command. The tools only read. An agent reads documents that anybody may
have written, and a document that gives it orders must not be able to have the library changed;
adding a document would also mean opening a path that the client names. Whoever wants an agent to
add documents gives it the command ``ingest``, and with it the right to read files.
"""

from bifolio.mcp.server import mcp_server
from bifolio.shelf import Shelf

__all__ = ["Shelf", "mcp_server"]
