"""The commands that ask the rota and change it, each run as a person runs it."""
