"""``python -m injae COMMAND``."""

from injae import main

main()
