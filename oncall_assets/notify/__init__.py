"""Telling people: one page, in the same words over every channel.

`message` is the page; `channel` what every channel promises; `console` and `slack` are the channels.
"""
