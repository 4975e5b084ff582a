"""The doors of this room: reviewing, likenesses, cases."""
