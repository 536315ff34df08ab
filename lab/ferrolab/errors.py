"""The one error a lab command reports to its user. Knows nothing of how it is shown."""


class LabError(Exception):
    """Something the user of the lab must know; its text is a whole sentence."""
