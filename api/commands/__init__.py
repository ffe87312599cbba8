"""The sub-commands of ``consult``, a file for each; ``api/cli.py`` puts them together."""
