"""值守 — what watches over the nights and the machine."""
