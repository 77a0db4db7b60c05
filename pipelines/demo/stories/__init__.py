"""One module per cause: its guilty stories and its innocent ones."""
