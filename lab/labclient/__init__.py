"""Drives a lab as its users do: through the unmodified oVirt Python SDK and the imageio client.

Knows the API and nothing of how the lab is made. Every step waits by polling a status, as any client has to.
"""
