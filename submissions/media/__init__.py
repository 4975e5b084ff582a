"""What files hold, cleaned: decoders that run in child processes, and the words for what they refuse.

The package knows files only. It imports no model and no other room, so that a decoder's process has nothing of the
platform in it: no settings, no secrets, no database. `engine` is the way in.
"""
