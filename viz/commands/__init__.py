"""The command line: ``injae COMMAND`` or ``python -m injae COMMAND``; a file a command, named as it is."""
