"""Imports of resources in the admin: the dry run, the batch, undoing it."""
