"""Steps of runbooks that the program does when asked."""
