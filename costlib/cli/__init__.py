"""The command `costlib`: one file for each of its commands, and rooms that several share."""
